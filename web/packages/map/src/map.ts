// MapLibre without anyone's tiles: areas of the district on plain paper. Labels are drawn from the reader's own fonts.
import { Map as LibreMap, NavigationControl, setWorkerUrl, type StyleSpecification } from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?url";
import "maplibre-gl/dist/maplibre-gl.css";

setWorkerUrl(workerUrl);

const PAPER: StyleSpecification = {
  version: 8,
  sources: {},
  layers: [{ id: "paper", type: "background", paint: { "background-color": "#eef1f4" } }],
};

/** A map that fits `bounds` (west, south, east, north in degrees, WGS 84), ready to take sources. */
export function makeMap(container: HTMLElement, bounds: readonly number[]): Promise<LibreMap> {
  const [west = -180, south = -85, east = 180, north = 85] = bounds;
  const map = new LibreMap({
    container,
    style: PAPER,
    bounds: [west, south, east, north],
    fitBoundsOptions: { padding: 16 },
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    maxZoom: 20,
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.touchZoomRotate.disableRotation();
  return new Promise((resolve) => map.once("load", () => resolve(map)));
}
