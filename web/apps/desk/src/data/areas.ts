// Areas: their shapes, what lies inside, and which hold a point.
import { answered, api } from "@huying/api/client.ts";
import type { Chosen } from "@huying/map/PlacePicker.vue";
import { useQuery } from "@tanstack/vue-query";
import type { FeatureCollection, MultiPolygon } from "geojson";
import { computed, ref, type Ref } from "vue";
import type { Named } from "./district.ts";

export interface AreaProperties extends Named {
  level: string;
  /** How many areas lie one level below. */
  parts: number;
  /** Open cases, where one may know. */
  open?: number;
}

/** Areas of one level, with the way that leads to them from the whole. */
export type Areas = FeatureCollection<MultiPolygon, AreaProperties> & { path: Named[] };

/** The parts of an area; without a code the district's own. */
export function useParts(parent: Ref<string | undefined>) {
  return useQuery({
    queryKey: ["areas", parent],
    // The document leaves GeoJSON open; the shape is described with the operation.
    queryFn: async ({ signal }) => (await answered(api.GET("/areas", { params: { query: parent.value === undefined ? {} : { parent: parent.value } }, signal }))) as Areas,
    staleTime: 600_000,
    placeholderData: (before) => before,
  });
}

/** How many cases are open in an area and its parts, as far as one may read them; nothing for whom reads no cases. */
export function useOpenCases(parent: Ref<string | undefined>) {
  return useQuery({
    queryKey: ["open cases", parent],
    queryFn: ({ signal }) => answered(api.GET("/cases/counts", { params: { query: parent.value === undefined ? {} : { parent: parent.value } }, signal })),
    refetchInterval: 30_000,
  });
}

/** Code of the area that is the whole district. */
export function useWhole() {
  const { data } = useParts(ref(undefined));
  return computed(() => data.value?.features[0]?.properties.code);
}

/** The areas that hold a point, from the district down. */
export function useLocated(point: Ref<Chosen | undefined>) {
  return useQuery({
    queryKey: ["place", point],
    queryFn: ({ signal }) => {
      if (!point.value) throw new Error("no point to look for");
      return answered(api.GET("/place", { params: { query: point.value }, signal }));
    },
    enabled: computed(() => point.value !== undefined),
    staleTime: 600_000,
  });
}
