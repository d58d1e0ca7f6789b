// Draws charts without a browser, as SVG for paper. What the pages' own script adds to an option, this adds too.
import { use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { init } from "./world.js";

use([SVGRenderer]);

// Round places in a video, in seconds.
const PLACES = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const MOST_PLACES = 8;

function placeText(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

// The engine has no Intl: the separators of the language come with the chart.
function numberText(value, { group, decimal }) {
  const [whole, rest] = String(Math.abs(value)).split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
  return (value < 0 ? "-" : "") + grouped + (rest ? decimal + rest : "");
}

function dressAxis(axis, separators) {
  if (axis.type !== "value") return;
  const form = axis.axisLabel?.formatter ?? "{value}";
  const write = axis.clock ? placeText : (value) => form.replace("{value}", numberText(value, separators));
  axis.axisLabel = { ...axis.axisLabel, formatter: write };
  if (axis.clock) axis.interval = PLACES.find((step) => (axis.max - axis.min) / step <= MOST_PLACES) ?? PLACES.at(-1);
}

function themeOf(palette, font) {
  const axis = {
    axisLine: { lineStyle: { color: palette["--line"] } },
    axisLabel: { color: palette["--muted"], fontSize: 11, hideOverlap: true },
    nameTextStyle: { color: palette["--muted"], fontSize: 11 },
    splitLine: { lineStyle: { color: palette["--line"] } },
  };
  return {
    textStyle: { fontFamily: font, color: palette["--ink"] },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { color: palette["--muted"], fontSize: 12 } },
    visualMap: { textStyle: { color: palette["--muted"], fontSize: 11 } },
  };
}

// Nothing on paper can be pointed at or narrowed.
function makeStill(option) {
  const { tooltip, dataZoom, ...still } = option;
  return { ...still, animation: false };
}

export function draw(request) {
  const { option, width, height, palette, separators, font } = JSON.parse(request);
  const still = makeStill(option);
  [still.xAxis, still.yAxis].flat().filter(Boolean).forEach((axis) => dressAxis(axis, separators));
  const chart = init(null, themeOf(palette, font), { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption(still);
    return JSON.stringify(chart.renderToSVGString());
  } finally {
    chart.dispose();
  }
}
