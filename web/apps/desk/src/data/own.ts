// One's own account: its password, where it is signed in, who tried to, and who looked at one's values.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { language } from "@huying/ui/text.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export type OwnSession = components["schemas"]["OpenSessionBody"];
export type SignInAttempt = components["schemas"]["SignInBody"];
export type Look = components["schemas"]["LookBody"];

/** Sets a first password by a code. */
export function useActivate() {
  return useMutation({
    mutationFn: (body: components["schemas"]["ActivationBody"]) => answered(api.POST("/activation", { body, parseAs: "text" })),
  });
}

export function useChangePassword() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: components["schemas"]["ChangePasswordBody"]) => answered(api.POST("/me/password", { body, parseAs: "text" })),
    // What was refused until now is asked again.
    onSuccess: () => known.invalidateQueries(),
  });
}

export function useOwnSessions() {
  return useQuery({ queryKey: ["me", "sessions"], queryFn: ({ signal }) => answered(api.GET("/me/sessions", { signal })) });
}

export function useEndSession() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/me/sessions/{id}", { params: { path: { id } }, parseAs: "text" })),
    onSettled: () => known.invalidateQueries({ queryKey: ["me", "sessions"] }),
  });
}

export function useOwnSignIns() {
  return useQuery({ queryKey: ["me", "sign-ins"], queryFn: ({ signal }) => answered(api.GET("/me/sign-ins", { signal })) });
}

export function useLooks() {
  return useInfiniteQuery({
    // What it leaves out is said in the language of the page.
    queryKey: ["me", "access-log", language],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 20, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/me/access-log", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
  });
}
