// What the profile says about the district, for labels and choices.
import { answered, api } from "@huying/api/client.ts";
import type { components } from "@huying/api/schema.d.ts";
import { useQuery } from "@tanstack/vue-query";
import { computed } from "vue";

export interface Named {
  code: string;
  name_zh: string;
  name_en: string;
}

export type Organization = components["schemas"]["OrganizationBody"];

/** Open to everyone: the page that signs in shows it too. */
export function useDistrict() {
  return useQuery({ queryKey: ["district"], queryFn: ({ signal }) => answered(api.GET("/district", { signal })), staleTime: Infinity });
}

export function useMatters() {
  return useQuery({ queryKey: ["matters"], queryFn: ({ signal }) => answered(api.GET("/matters", { signal })), staleTime: Infinity });
}

export function useOrganizations() {
  return useQuery({
    queryKey: ["organizations"],
    queryFn: ({ signal }) => answered(api.GET("/organizations", { signal })),
    staleTime: Infinity,
  });
}

/** Kinds of organizations that a case can be given to. */
const RECEIVING = ["department", "subdistrict", "community", "unit"];

/** Those a case can be given to, in the profile's order. */
export function useReceivers() {
  const { data } = useOrganizations();
  return computed(() => data.value?.filter((one) => RECEIVING.includes(one.kind)) ?? []);
}
