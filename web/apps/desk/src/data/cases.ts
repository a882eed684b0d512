// Cases: the queue, one case, its facts, acts on it, and reporting.
import type { Chosen } from "@huying/map/PlacePicker.vue";
import { newKey, request } from "@huying/api/request.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import type { Ref } from "vue";
import type { HeldClock } from "../drawn/ClockList.vue";
import type { QueueRow } from "../drawn/QueueTable.vue";
import type { FactView } from "../drawn/TimeLine.vue";

export { newKey };

export const SORTS = ["due", "newest", "oldest", "urgency"] as const;
export type Sort = (typeof SORTS)[number];

export interface Act {
  command: string;
  assignment: number | undefined;
  /** The organization of the assignment, to tell several apart. */
  of: string | undefined;
  allowed: boolean;
  reason: string | undefined;
}

export interface CaseView extends Omit<QueueRow, "organization" | "clock"> {
  version: number;
  isOpen: boolean;
  channel: string;
  kind: string;
  desk: string;
  openedAt: number;
  point: Chosen | undefined;
  clocks: HeldClock[];
  assignments: { no: number; organization: string; part: string; state: string }[];
  acts: Act[];
}

export interface Reported {
  id: string;
  number: string;
}

export function useQueue(sort: Ref<Sort>) {
  return useInfiniteQuery({
    queryKey: ["queue", sort],
    queryFn: ({ pageParam, signal }) =>
      request<{ rows: QueueRow[]; next?: string }>("/cases", { query: { sort: sort.value, cursor: pageParam }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next,
    refetchInterval: 30_000,
  });
}

export function useCase(id: Ref<string>) {
  return useQuery({ queryKey: ["case", id], queryFn: ({ signal }) => request<CaseView>(`/cases/${id.value}`, { signal }) });
}

export function useFacts(id: Ref<string>) {
  return useQuery({ queryKey: ["case", id, "facts"], queryFn: ({ signal }) => request<FactView[]>(`/cases/${id.value}/facts`, { signal }) });
}

export function useAct(id: Ref<string>) {
  const known = useQueryClient();
  return useMutation({
    mutationFn: ({ act, fields, version }: { act: Act; fields: Record<string, unknown>; version: number }) =>
      request<undefined>(`/cases/${id.value}/acts`, {
        method: "POST",
        key: newKey(),
        body: { command: act.command, ...(act.assignment === undefined ? {} : { assignment: act.assignment }), version, ...fields },
      }),
    onSuccess: () => Promise.all([known.invalidateQueries({ queryKey: ["case", id] }), known.invalidateQueries({ queryKey: ["queue"] })]),
  });
}

export interface ReportForm {
  words: string;
  kind: string;
  matter: string;
  name: string;
  phone: string;
  address: string;
  secret: boolean;
  point: Chosen | undefined;
  key: string;
}

export function useReport() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: ({ key, ...form }: ReportForm) => request<Reported>("/cases", { method: "POST", key, body: form }),
    onSuccess: () => known.invalidateQueries({ queryKey: ["queue"] }),
  });
}
