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

export function useSignIn() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (who: { login: string; password: string }): Promise<Session> => answered(api.POST("/session", { body: who })),
    // What the last person saw is not kept for the next.
    onSuccess: (session) => {
      known.removeQueries({ type: "inactive" });
      known.setQueryData(["session"], session);
    },
  });
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
