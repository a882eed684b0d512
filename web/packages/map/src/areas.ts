// Areas on a map: outline and name; the one under the pointer is tinted.
import type { FeatureCollection } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as LibreMap } from "maplibre-gl";

const SOURCE = "areas";

/** Shows areas, replacing those shown before, named in `language`. Features carry `code`, `name_zh` and `name_en`. */
export function showAreas(map: LibreMap, areas: FeatureCollection, language: string): void {
  const name: ExpressionSpecification = ["get", language === "en" ? "name_en" : "name_zh"];
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source) {
    source.setData(areas);
    map.setLayoutProperty("area-name", "text-field", name);
    return;
  }
  map.addSource(SOURCE, { type: "geojson", data: areas, promoteId: "code" });
  map.addLayer({
    id: "area-fill",
    type: "fill",
    source: SOURCE,
    paint: {
      "fill-color": ["case", ["boolean", ["feature-state", "hover"], false], "#fbe9e7", "#ffffff"],
    },
  });
  map.addLayer({
    id: "area-line",
    type: "line",
    source: SOURCE,
    paint: { "line-color": "#7d8896", "line-width": 1 },
  });
  map.addLayer({
    id: "area-name",
    type: "symbol",
    source: SOURCE,
    layout: { "text-field": name, "text-size": 12, "text-font": ["Noto Sans CJK SC"], "text-padding": 4 },
    paint: { "text-color": "#1c2530", "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  });
}

/** Calls back with the code of an area that is clicked. */
export function onAreaClick(map: LibreMap, act: (code: string) => void): void {
  let hovered: string | undefined;
  const hover = (code: string | undefined) => {
    if (hovered !== undefined) map.setFeatureState({ source: SOURCE, id: hovered }, { hover: false });
    hovered = code;
    if (code !== undefined) map.setFeatureState({ source: SOURCE, id: code }, { hover: true });
    map.getCanvas().style.cursor = code === undefined ? "" : "pointer";
  };
  map.on("mousemove", "area-fill", (event) => hover(event.features?.[0]?.properties["code"] as string | undefined));
  map.on("mouseleave", "area-fill", () => hover(undefined));
  map.on("click", "area-fill", (event) => {
    const code: unknown = event.features?.[0]?.properties["code"];
    hover(undefined);
    if (typeof code === "string") act(code);
  });
}
