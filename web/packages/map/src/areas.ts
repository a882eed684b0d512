// Areas on a map: outline and name; the one under the pointer is tinted.
import type { FeatureCollection, Geometry, Point, Position } from "geojson";
import type { ExpressionSpecification, GeoJSONSource, Map as LibreMap } from "maplibre-gl";

const SOURCE = "areas";
const NAMES = "area-names";

/**
 * Shows areas, replacing those shown before, named in `language`. Features carry `code`, `name_zh` and `name_en`; those with `open`
 * show that number under the name, those with `shade` are filled with that colour.
 */
export function showAreas(map: LibreMap, areas: FeatureCollection, language: string): void {
  const plain: ExpressionSpecification = ["get", language === "en" ? "name_en" : "name_zh"];
  const name: ExpressionSpecification = ["case", ["has", "open"], ["concat", plain, "\n", ["to-string", ["get", "open"]]], plain];
  const source = map.getSource<GeoJSONSource>(SOURCE);
  if (source) {
    source.setData(areas);
    map.getSource<GeoJSONSource>(NAMES)?.setData(namePoints(areas));
    map.setLayoutProperty("area-name", "text-field", name);
    return;
  }
  map.addSource(SOURCE, { type: "geojson", data: areas, promoteId: "code" });
  map.addLayer({
    id: "area-fill",
    type: "fill",
    source: SOURCE,
    paint: {
      "fill-color": ["case", ["boolean", ["feature-state", "hover"], false], "#fbe9e7", ["coalesce", ["get", "shade"], "#ffffff"]],
    },
  });
  map.addLayer({
    id: "area-line",
    type: "line",
    source: SOURCE,
    paint: { "line-color": "#7d8896", "line-width": 1 },
  });
  map.addSource(NAMES, { type: "geojson", data: namePoints(areas) });
  map.addLayer({
    id: "area-name",
    type: "symbol",
    source: NAMES,
    layout: { "text-field": name, "text-size": 12, "text-font": ["Noto Sans CJK SC"], "text-padding": 4 },
    paint: { "text-color": "#1c2530", "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  });
}

/** One point an area for its name: drawn from the polygons themselves, a name would stand once in every tile. */
function namePoints(areas: FeatureCollection): FeatureCollection<Point> {
  const features = areas.features.flatMap((area) => {
    const rings = outerRings(area.geometry).map(centre);
    const largest = rings.reduce((best, one) => (one.size > best.size ? one : best), { size: 0, at: [0, 0] });
    const geometry: Point = { type: "Point", coordinates: largest.at };
    return largest.size > 0 ? [{ type: "Feature" as const, properties: area.properties, geometry }] : [];
  });
  return { type: "FeatureCollection", features };
}

function outerRings(geometry: Geometry): Position[][] {
  if (geometry.type === "Polygon") return geometry.coordinates.slice(0, 1);
  if (geometry.type === "MultiPolygon") return geometry.coordinates.flatMap((polygon) => polygon.slice(0, 1));
  return [];
}

/** Centre of gravity of a ring and its size in square degrees: exact enough to set a name. */
function centre(ring: Position[]): { size: number; at: Position } {
  let [twice, x, y] = [0, 0, 0];
  ring.forEach(([x1 = 0, y1 = 0], index) => {
    const [x2 = 0, y2 = 0] = ring[(index + 1) % ring.length] ?? [];
    const cross = x1 * y2 - x2 * y1;
    twice += cross;
    x += (x1 + x2) * cross;
    y += (y1 + y2) * cross;
  });
  return { size: Math.abs(twice) / 2, at: twice === 0 ? (ring[0] ?? [0, 0]) : [x / (3 * twice), y / (3 * twice)] };
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
