// Residents: signing in by telephone, what they reported, who looked at what is theirs.
import { answered, api } from "@huying/api/client.ts";
import { Problem } from "@huying/api/problem.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useInfiniteQuery, useMutation } from "@tanstack/vue-query";
import { type Session, useEnter } from "./session.ts";

export type CaseRow = components["schemas"]["CaseRowBody"];
export type KeptMessage = components["schemas"]["DemoMessage"];

export function useSendCode() {
  return useMutation({ mutationFn: (phone: string) => answered(api.POST("/residents/code", { body: { phone } })) });
}

export function useEnterByCode() {
  const enter = useEnter();
  return useMutation({
    mutationFn: (entry: { phone: string; code: string }): Promise<Session> => answered(api.POST("/residents/session", { body: entry })),
    onSuccess: enter,
  });
}

/** The newest message that a demonstration kept instead of sending; none elsewhere. */
export function useKeptMessage() {
  return useMutation({
    mutationFn: async (): Promise<KeptMessage | undefined> => {
      try {
        return (await answered(api.GET("/demo/messages"))).at(-1);
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return undefined;
        throw failure;
      }
    },
  });
}

/** What the caller may read: of a resident, what it reported. */
export function useMine() {
  return useInfiniteQuery({
    queryKey: ["mine"],
    queryFn: ({ pageParam, signal }) =>
      answered(api.GET("/cases", { params: { query: pageParam === undefined ? {} : { cursor: pageParam } }, signal })),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}
