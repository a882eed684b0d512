// What the profile says about the district, for labels and choices.
import { request } from "@huying/api/request.ts";
import { useQuery } from "@tanstack/vue-query";

export interface Named {
  code: string;
  name_zh: string;
  name_en: string;
}

export interface District extends Named {
  time_zone: string;
  bounds: [number, number, number, number];
  note_zh: string;
  note_en: string;
}

/** Open to everyone: the page that signs in shows it too. */
export function useDistrict() {
  return useQuery({ queryKey: ["district"], queryFn: ({ signal }) => request<District>("/district", { signal }), staleTime: Infinity });
}

export function useMatters() {
  return useQuery({ queryKey: ["matters"], queryFn: ({ signal }) => request<Named[]>("/matters", { signal }), staleTime: Infinity });
}

export function useOrganizations() {
  return useQuery({ queryKey: ["organizations"], queryFn: ({ signal }) => request<Named[]>("/organizations", { signal }), staleTime: Infinity });
}
