// Cases: the queue, one case, its facts, acts on it, and reporting.
import { answered, api, newKey } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { language } from "@huying/ui/text.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import { computed, type Ref } from "vue";
import { LISTS } from "../forms.ts";
import { isLive } from "./live.ts";

export type QueueRow = components["schemas"]["QueueRowBody"];
export type CaseView = components["schemas"]["CaseBody"];
export type FactView = components["schemas"]["FactBody"];
export type Act = components["schemas"]["ActBody"];
export type Reported = components["schemas"]["ReportedBody"];
export type UnmaskForm = components["schemas"]["UnmaskBody"];
export type ReportForm = components["schemas"]["ReportBody"];

export const SORTS = ["due", "opened", "urgency"] as const;
export type Sort = (typeof SORTS)[number];

/** The page looks again for what others did, where it is not told. */
const AGAIN = 30_000;
const again = () => (isLive.value ? false : AGAIN);

export function useQueue(sort: Ref<Sort>) {
  return useInfiniteQuery({
    queryKey: ["queue", sort],
    queryFn: ({ pageParam, signal }) => {
      const query = { sort: sort.value, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/queue", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: again,
  });
}

export function useCase(id: Ref<string>) {
  return useQuery({
    // Why an act is not allowed comes in the language of the page.
    queryKey: ["case", id, language],
    queryFn: ({ signal }) => answered(api.GET("/cases/{id}", { params: { path: { id: id.value } }, signal })),
    refetchInterval: again,
  });
}

/** What happened, read again only when the case has another version: each reading is a look on persons' access logs. */
export function useFacts(id: Ref<string>, version: Ref<number | undefined>) {
  return useQuery({
    queryKey: ["facts", id, version],
    queryFn: ({ signal }) => answered(api.GET("/cases/{id}/facts", { params: { path: { id: id.value } }, signal })),
    enabled: computed(() => version.value !== undefined),
    staleTime: Infinity,
    placeholderData: (before, query) => (query?.queryKey[1] === id.value ? before : undefined),
  });
}

export interface Doing {
  act: Act;
  fields: Record<string, unknown>;
  /** The version the person saw: on a newer one nothing is done. */
  version: number;
  key: string;
}

export function useAct(id: Ref<string>) {
  const known = useQueryClient();
  return useMutation({
    mutationFn: ({ act, fields, version, key }: Doing) => {
      const lists = Object.fromEntries((LISTS[act.command] ?? []).map((name) => [name, []]));
      const assignment = act.assignment == null ? {} : { assignment: act.assignment };
      // The document leaves a command's own fields open.
      const body = { command: act.command, version, ...assignment, ...lists, ...fields } as unknown as components["schemas"]["CommandBody"];
      return answered(api.POST("/cases/{id}/acts", { params: { path: { id: id.value }, header: { "Idempotency-Key": key } }, body }));
    },
    onSuccess: () => Promise.all([known.invalidateQueries({ queryKey: ["case", id] }), known.invalidateQueries({ queryKey: ["queue"] })]),
  });
}

/** Who someone is, for a reason that the person concerned reads. Kept nowhere: it is gone with the dialog. */
export function useUnmasking(id: Ref<string>) {
  return useMutation({
    mutationFn: (body: UnmaskForm) => answered(api.POST("/cases/{id}/unmasking", { params: { path: { id: id.value } }, body })),
    gcTime: 0,
  });
}

export function useReport() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: ({ key, body }: { key: string; body: ReportForm }) =>
      answered(api.POST("/cases", { params: { header: { "Idempotency-Key": key } }, body })),
    onSuccess: () => known.invalidateQueries({ queryKey: ["queue"] }),
  });
}

export { newKey };
