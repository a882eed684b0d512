// Signing in by another system, and whether one's account is linked to it.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import type { Proof } from "./factor.ts";

export type Ways = components["schemas"]["WaysBody"];

/** Where the browser is led to the other system. */
export const OIDC = "/api/v1/session/oidc";

const KEY = ["oidc"];

/** How one can sign in here beside by login and password. */
export function useWays() {
  return useQuery({ queryKey: ["ways"], queryFn: ({ signal }): Promise<Ways> => answered(api.GET("/session/ways", { signal })), staleTime: Infinity });
}

export function useLink() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => answered(api.GET("/me/oidc", { signal })) });
}

/** Once it is done, this browser goes to the other system. */
export function useBeginLink() {
  return useMutation({ mutationFn: (body: Proof) => answered(api.POST("/me/oidc", { body, parseAs: "text" })) });
}

export function useUnlink() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: () => answered(api.DELETE("/me/oidc", { parseAs: "text" })),
    onSettled: () => known.invalidateQueries({ queryKey: KEY }),
  });
}
