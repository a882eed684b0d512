// Who is signed in.
import { answered, api } from "@huying/api/client.ts";
import { Problem } from "@huying/api/problem.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export type Session = components["schemas"]["SessionBody"];

export type DemoPerson = components["schemas"]["DemoPerson"];

/** Nobody where the server says that nobody is signed in. */
export function useSession() {
  return useQuery({
    queryKey: ["session"],
    queryFn: async ({ signal }): Promise<Session | null> => {
      try {
        return await answered(api.GET("/session", { signal }));
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 401) return null;
        throw failure;
      }
    },
    staleTime: 60_000,
  });
}

/** The password was right; a code is awaited. */
export type Awaited = components["schemas"]["FactorAwaitedBody"];

/** Signs in, or gives a ticket for the second step. */
export function useSignIn() {
  const enter = useEnter();
  return useMutation({
    mutationFn: (who: { login: string; password: string }): Promise<Session | Awaited> => answered(api.POST("/session", { body: who })),
    onSuccess: (answer) => {
      if ("account" in answer) enter(answer);
    },
  });
}

/** Signs in by a ticket and a code, be it the device's or a recovery code. */
export function useSecondStep() {
  const enter = useEnter();
  return useMutation({
    mutationFn: (step: { ticket?: string; code: string }): Promise<Session> => answered(api.POST("/session/second-factor", { body: step })),
    onSuccess: enter,
  });
}

export function useEnter(): (session: Session) => void {
  const known = useQueryClient();
  return (session) => {
    // What the last person saw is not kept for the next.
    known.removeQueries({ type: "inactive" });
    known.setQueryData(["session"], session);
  };
}

export function useSignOut() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: () => answered(api.DELETE("/session", { parseAs: "text" })),
    onSettled: () => known.setQueryData(["session"], null),
  });
}

/** The invented people of a demonstration; none elsewhere. */
export function useDemoPeople() {
  return useQuery({
    queryKey: ["demo-people"],
    queryFn: async ({ signal }): Promise<DemoPerson[]> => {
      try {
        return await answered(api.GET("/demo/people", { signal }));
      } catch (failure) {
        if (failure instanceof Problem && failure.status === 404) return [];
        throw failure;
      }
    },
    staleTime: Infinity,
  });
}
