// What goes out to people and systems, what was given up, and the systems that are told.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/vue-query";
import type { Ref } from "vue";

export type Delivery = components["schemas"]["DeliveryBody"];
export type Webhook = components["schemas"]["WebhookBody"];
export type WebhookForm = components["schemas"]["OpenWebhookBody"];

export const STATES = ["dead", "waiting", "sent", "settled"] as const;
export type DeliveryState = (typeof STATES)[number];

/** The page looks again for what came meanwhile. */
const AGAIN = 10_000;

export function useDeliveries(state: Ref<DeliveryState>) {
  return useInfiniteQuery({
    queryKey: ["deliveries", state],
    queryFn: ({ pageParam, signal }) => {
      const query = { state: state.value, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return answered(api.GET("/deliveries", { params: { query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.next ?? undefined,
    refetchInterval: AGAIN,
  });
}

/** Sends again what was given up. */
export function useReplay() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answered(api.POST("/deliveries/{id}/replay", { params: { path: { id } }, parseAs: "text" })),
    onSettled: () => known.invalidateQueries({ queryKey: ["deliveries"] }),
  });
}

export function useWebhooks() {
  return useQuery({
    queryKey: ["webhooks"],
    queryFn: ({ signal }) => answered(api.GET("/webhooks", { signal })),
    select: (body) => body.webhooks,
  });
}

/** The answer holds a secret that is shown once: it is kept nowhere. */
export function useOpenWebhook() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (body: WebhookForm) => answered(api.POST("/webhooks", { body })),
    gcTime: 0,
    onSuccess: () => known.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}

export function useCloseWebhook() {
  const known = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => answered(api.DELETE("/webhooks/{id}", { params: { path: { id } }, parseAs: "text" })),
    onSettled: () => known.invalidateQueries({ queryKey: ["webhooks"] }),
  });
}
