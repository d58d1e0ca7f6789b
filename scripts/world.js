// What all charts are drawn with, and the shapes of the countries: loaded only by pages with a map.
export { getInstanceByDom, init } from "./echarts.js";
import { MapChart } from "echarts/charts";
import { registerMap, use } from "echarts/core";
import codes from "i18n-iso-countries/codes.json";
import { feature } from "topojson-client";
import shapes from "world-atlas/countries-110m.json";

use([MapChart]);

// Events name countries by two letters, the shapes by three digits.
const letters = new Map(codes.map(([two, , digits]) => [digits, two]));
const ANTARCTICA = "010";

function named(shape) {
  // The one country with people and without digits.
  const code = shape.properties.name === "Kosovo" ? "XK" : letters.get(shape.id);
  return { ...shape, properties: { name: code ?? shape.properties.name } };
}

// A shape that crosses 180 degrees goes on beyond it: flat, it would be drawn once around the world.
function unwrap(ring) {
  let turn = 0;
  let before = ring[0][0];
  const flat = ring.map(([x, y]) => {
    if (x - before > 180) turn -= 360;
    if (before - x > 180) turn += 360;
    before = x;
    return [x + turn, y];
  });
  const middle = flat.reduce((sum, [x]) => sum + x, 0) / flat.length;
  const back = middle > 180 ? -360 : middle < -180 ? 360 : 0;
  return back ? flat.map(([x, y]) => [x + back, y]) : flat;
}

function flatten(shape) {
  const { type, coordinates } = shape.geometry;
  const flat = type === "Polygon" ? coordinates.map(unwrap) : coordinates.map((part) => part.map(unwrap));
  return { ...shape, geometry: { type, coordinates: flat } };
}

const { features } = feature(shapes, shapes.objects.countries);
registerMap("world", {
  geoJSON: { type: "FeatureCollection", features: features.filter(({ id }) => id !== ANTARCTICA).map(flatten).map(named) },
});
