// The systems that call with a key, as the system's administrator keeps them.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export type Client = components["schemas"]["ClientBody"];
export type ClientForm = components["schemas"]["OpenClientBody"];
export type ClientKey = components["schemas"]["ClientKeyBody"];
export type ClientPost = components["schemas"]["PostEntryBody"];

const LIST = ["clients"];

export function useClients() {
  return useQuery({ queryKey: LIST, queryFn: ({ signal }) => answered(api.GET("/clients", { signal })) });
}

/** Posts that a client may act by: those that work on cases. */
export function useClientPosts() {
  return useQuery({
    queryKey: ["posts", "of-clients"],
    queryFn: ({ signal }) => answered(api.GET("/posts", { params: { query: { action: "case.read" } }, signal })),
    staleTime: Infinity,
  });
}

/** The answer holds a key that is shown once: it is kept nowhere. */
export function useOpenClient() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: ClientForm): Promise<ClientKey> => answered(api.POST("/clients", { body })),
    gcTime: 0,
    onSuccess: () => known.invalidateQueries({ queryKey: LIST }),
  });
}

/** Another key for a client; the one before opens nothing any more. */
export function useRenewKey() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (id: string): Promise<ClientKey> => answered(api.POST("/clients/{id}/key", { params: { path: { id } }, body: {} })),
    gcTime: 0,
    onSettled: () => known.invalidateQueries({ queryKey: LIST }),
  });
}

export function useCloseClient() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/clients/{id}", { params: { path: { id } }, parseAs: "text" })),
    onSettled: () => known.invalidateQueries({ queryKey: LIST }),
  });
}
