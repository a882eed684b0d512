// Where one is reached by mail and short message.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";

export type Contact = components["schemas"]["ContactBody"];

const KEY = ["contact"];

export function useContact() {
  return useQuery({ queryKey: KEY, queryFn: ({ signal }) => answered(api.GET("/me/contact", { signal })) });
}

export function useSetContact() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: Contact) => answered(api.PUT("/me/contact", { body })),
    onSuccess: (contact) => known.setQueryData(KEY, contact),
  });
}
