// One's own second factor.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export type Factor = components["schemas"]["FactorBody"];
export type Proof = components["schemas"]["Proof"];

const KEY = ["second-factor"];

export function useFactor() {
  return useQuery({
    queryKey: KEY,
    queryFn: ({ signal }): Promise<Factor> => answered(api.GET("/me/second-factor", { signal })),
  });
}

/** A secret for a device; it counts once it is confirmed. */
export function useBeginFactor() {
  return useMutation({ mutationFn: (body: Proof) => answered(api.POST("/me/second-factor", { body })), gcTime: 0 });
}

export function useConfirmFactor() {
  return useChange((code: string) => answered(api.POST("/me/second-factor/confirmation", { body: { code } })));
}

export function useRenewCodes() {
  return useChange((body: Proof) => answered(api.POST("/me/second-factor/recovery-codes", { body })));
}

export function useRemoveFactor() {
  return useChange((body: Proof) => answered(api.POST("/me/second-factor/removal", { body, parseAs: "text" })));
}

/** Something after which the second factor stands otherwise. Its answer is kept nowhere: it may hold what is shown once. */
function useChange<T, G>(mutationFn: (given: G) => Promise<T>) {
  const known = useQueryClient();
  return useMutation({
    mutationFn,
    gcTime: 0,
    onSuccess: async () => {
      await Promise.all([known.invalidateQueries({ queryKey: KEY }), known.invalidateQueries({ queryKey: ["session"] })]);
    },
  });
}
