// What the auditor reads.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useInfiniteQuery, useQuery } from "@tanstack/vue-query";
import type { Ref } from "vue";
import { given } from "./accounts.ts";

export type AuditAct = components["schemas"]["AuditActBody"];
export type AuditSignIn = components["schemas"]["AuditedSignInBody"];
export type AuditLook = components["schemas"]["AuditedLookBody"];
export type AuditDay = components["schemas"]["AuditDayBody"];
export type AuditBy = components["schemas"]["ByBody"];

/** From when until when, as instants or empty. */
export interface AuditSpan {
  from: string;
  until: string;
}

const page = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor });

export function useAuditDays(days: number) {
  return useQuery({
    queryKey: ["audit", "days", days],
    queryFn: ({ signal }) => answered(api.GET("/audit/days", { params: { query: { days } }, signal })),
  });
}

export function useAuditActs(asked: Ref<AuditSpan & { kind: string }>, enabled: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ["audit", "acts", asked],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/audit/acts", { params: { query: { ...given({ ...asked.value }), ...page(pageParam) } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
}

export function useAuditSignIns(asked: Ref<AuditSpan & { succeeded: boolean | undefined }>, enabled: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ["audit", "sign-ins", asked],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/audit/sign-ins", { params: { query: { ...given({ ...asked.value }), ...page(pageParam) } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
}

export function useAuditLooks(asked: Ref<AuditSpan>, enabled: Ref<boolean>) {
  return useInfiniteQuery({
    queryKey: ["audit", "access", asked],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/audit/access", { params: { query: { ...given({ ...asked.value }), ...page(pageParam) } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    enabled,
  });
}

/** Where the same list is to be had as a file. */
export function exportAddress(what: "acts" | "sign-ins" | "access", asked: Record<string, string | boolean | undefined>): string {
  const query = new URLSearchParams(Object.entries(given(asked)).map(([name, value]) => [name, String(value)]));
  return `/api/v1/audit/${what}/export?${query}`;
}
