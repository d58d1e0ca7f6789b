// Draws the charts, keeps the page fresh and remembers the theme. Everything else is HTML from the server.
"use strict";

// ---- Charts: options come as JSON; colours are names of CSS variables, tips are ready-made text --------

const stillness = matchMedia("(prefers-reduced-motion: reduce)");
const darkness = matchMedia("(prefers-color-scheme: dark)");

function resolveColors(value, styles) {
  if (typeof value === "string") {
    return value.replace(/var\((--[\w-]+)\)/g, (_, name) => styles.getPropertyValue(name).trim());
  }
  if (Array.isArray(value)) return value.map((each) => resolveColors(each, styles));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolveColors(each, styles)]));
  }
  return value;
}

// The digits are those of the server, whatever a browser takes for usual in a language.
const language = `${document.documentElement.lang}-u-nu-latn`;
const fromRight = document.documentElement.dir === "rtl";
const numbers = new Intl.NumberFormat(language);

// Pixels beside a radar for the names of its corners, and between the two.
const NAME_ROOM = 104;
const NAME_GAP = 8;

// Round places in a video, in seconds.
const PLACES = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const MOST_PLACES = 10;

function tipText(holder, params) {
  const points = Array.isArray(params) ? params : [params];
  const again = points.some((point) => point.data?.href) && holder.dataset.touched ? holder.dataset.again : "";
  return [...points.map((point) => point.data?.tip ?? ""), again].filter(Boolean).join("\n");
}

function placeText(seconds) {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

function roundStep(span) {
  return PLACES.find((step) => span / step <= MOST_PLACES) ?? PLACES.at(-1);
}

// What JSON cannot carry: how the labels of an axis are written.
function dressAxis(axis) {
  if (axis.type !== "value") return;
  const form = axis.axisLabel?.formatter ?? "{value}";
  const write = axis.clock ? placeText : (value) => form.replace("{value}", numbers.format(value));
  axis.axisLabel = { ...axis.axisLabel, formatter: write };
  if (axis.clock) axis.interval = roundStep(axis.max - axis.min);
}

// Labels that are cut get up to a quarter of a wide chart.
function widenLabels(axis, width) {
  const label = axis.axisLabel;
  if (label?.overflow === "truncate") axis.axisLabel = { ...label, width: Math.max(label.width, Math.round(width / 4)) };
}

// The names of a radar stand beside its shape, which leaves them room on a narrow screen.
function fitRadar(radar, holder) {
  const across = holder.clientWidth / 2;
  const radius = Math.min(0.65 * Math.min(across, holder.clientHeight / 2), across - NAME_ROOM);
  const names = { ...radar.axisName, width: across - radius - NAME_GAP, overflow: "truncate", ellipsis: "…\u200e" };
  Object.assign(radar, { radius, axisNameGap: NAME_GAP, axisName: names });
}

// In a language that is read from the right, so are axes of time, names and amounts. Two things stay as they are: the
// line of a video, which players everywhere run from the left, and a plane of two amounts.
function turn(option) {
  const [across, up] = [option.xAxis, option.yAxis].map((axes) => [axes].flat().filter(Boolean));
  const plane = across.length && [...across, ...up].every((axis) => axis.type === "value");
  if (plane || across.some((axis) => axis.clock)) return false;
  across.forEach((axis) => (axis.inverse = !axis.inverse));
  up.forEach((axis, number) => (axis.position = number ? "left" : "right"));
  [option.grid, option.visualMap].flat().filter(Boolean).forEach(swapSides);
  if (option.legend) Object.assign(option.legend, { left: null, right: 0, align: "right" });
  return true;
}

function swapSides(part) {
  [part.left, part.right] = [part.right, part.left];
}

function keepPlacesRound(chart) {
  const axis = chart.getOption().xAxis[0];
  if (!axis.clock) return;
  const { startValue, endValue } = chart.getOption().dataZoom[0];
  chart.setOption({ xAxis: { interval: roundStep(endValue - startValue) } });
}

function themeOf(styles) {
  const ink = styles.getPropertyValue("--ink").trim();
  const muted = styles.getPropertyValue("--muted").trim();
  const grid = styles.getPropertyValue("--line").trim();
  const surface = styles.getPropertyValue("--surface").trim();
  const axis = {
    axisLine: { lineStyle: { color: grid } },
    axisLabel: { color: muted, fontSize: 11, hideOverlap: true },
    nameTextStyle: { color: muted, fontSize: 11 },
    splitLine: { lineStyle: { color: grid } },
  };
  return {
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink },
    categoryAxis: { ...axis, splitLine: { show: false } },
    valueAxis: { ...axis, axisLine: { show: false } },
    legend: { textStyle: { color: muted, fontSize: 12 } },
    visualMap: { textStyle: { color: muted, fontSize: 11 } },
    tooltip: {
      backgroundColor: surface,
      borderColor: grid,
      textStyle: { color: ink, fontSize: 12, lineHeight: 18, align: fromRight ? "right" : "left" },
      axisPointer: { lineStyle: { color: muted }, shadowStyle: { color: muted, opacity: 0.1 } },
    },
  };
}

function drawChart(holder) {
  const source = document.getElementById(holder.dataset.option);
  if (!source) return;
  const styles = getComputedStyle(document.documentElement);
  const option = resolveColors(JSON.parse(source.textContent), styles);
  option.animation = !stillness.matches;
  option.animationDuration = 250;
  option.animationDurationUpdate = 250;
  if (option.tooltip) option.tooltip.formatter = (params) => tipText(holder, params);
  const axes = [option.xAxis, option.yAxis].flat().filter(Boolean);
  axes.forEach(dressAxis);
  axes.forEach((axis) => widenLabels(axis, holder.clientWidth));
  if (option.radar) fitRadar(option.radar, holder);
  holder.dataset.turned = fromRight && turn(option) ? "yes" : "";
  const chart = echarts.getInstanceByDom(holder) ?? openChart(holder, styles);
  chart.setOption(option, { notMerge: true });
  holder.setAttribute("aria-label", source.dataset.says);
  showAgain(holder, chart);
  holder.dataset.drawn = "true";
}

function openChart(holder, styles) {
  const chart = echarts.init(holder, themeOf(styles));
  chart.on("click", (point) => follow(holder, point));
  chart.on("datazoom", () => keepPlacesRound(chart));
  // A refresh draws anew: what a resting finger or mouse has been reading comes back.
  chart.getZr().on("mousemove", (event) => rest(holder, { x: event.offsetX, y: event.offsetY }));
  chart.getZr().on("globalout", () => rest(holder, null));
  new ResizeObserver(() => chart.resize()).observe(holder);
  if (!holder.dataset.keys) {
    holder.dataset.keys = "on";
    holder.addEventListener("keydown", (event) => walk(holder, event));
    holder.addEventListener("blur", () => leave(holder));
    // Before the chart hears of it.
    holder.addEventListener("pointerdown", (event) => noteTouch(holder, event), true);
  }
  return chart;
}

// ---- Reading a chart: by pointer, by finger and by key -----------------------------------------------------

const resting = new WeakMap(); // what is being read: a place under the pointer, or the number of a point

function rest(holder, place) {
  if (place) resting.set(holder, place);
  else resting.delete(holder);
}

function showAgain(holder, chart) {
  const place = resting.get(holder);
  if (!place) return;
  const point = "number" in place ? pointsOf(chart)[place.number] : place;
  if (point) chart.dispatchAction({ type: "showTip", ...point });
}

function noteTouch(holder, event) {
  if (event.pointerType === "mouse") delete holder.dataset.touched;
  else holder.dataset.touched = "true";
}

// The first tap shows what a point says, the second follows it; a mouse has read it before it clicks.
function follow(holder, point) {
  if (!point.data?.href) return;
  const tapped = `${point.seriesIndex}-${point.dataIndex}`;
  if (holder.dataset.touched && holder.dataset.tapped !== tapped) holder.dataset.tapped = tapped;
  else location.assign(point.data.href);
}

function pointsOf(chart) {
  const points = [];
  chart.getOption().series.forEach((series, seriesIndex) =>
    series.data.forEach((data, dataIndex) => data?.tip && points.push({ seriesIndex, dataIndex, data })),
  );
  return points;
}

const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -Infinity, End: Infinity };

// The key that points to where the next point is.
function stepOf(holder, key) {
  const sideways = key === "ArrowRight" || key === "ArrowLeft";
  return sideways && holder.dataset.turned ? -STEPS[key] : STEPS[key];
}

function walk(holder, event) {
  const chart = echarts.getInstanceByDom(holder);
  const points = chart ? pointsOf(chart) : [];
  const before = resting.get(holder)?.number ?? -1;
  if (event.key in STEPS && points.length) {
    event.preventDefault();
    const number = Math.max(0, Math.min(points.length - 1, before + stepOf(holder, event.key)));
    rest(holder, { number });
    const { seriesIndex, dataIndex, data } = points[number];
    chart.dispatchAction({ type: "showTip", seriesIndex, dataIndex });
    document.getElementById(holder.dataset.told).textContent = data.tip;
  } else if (event.key === "Enter" && points[before]?.data.href) {
    location.assign(points[before].data.href);
  } else if (event.key === "Escape") {
    leave(holder);
  }
}

function leave(holder) {
  rest(holder, null);
  echarts.getInstanceByDom(holder)?.dispatchAction({ type: "hideTip" });
}

// The library is by far the largest file: only pages that show a chart load it.
let library;

function loadLibrary() {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = document.body.dataset.charts;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return library;
}

async function drawCharts(root) {
  if (!root.querySelector("[data-option]")) return;
  await loadLibrary();
  // What is folded away has no size yet: it is drawn when it is opened.
  [...root.querySelectorAll("[data-option]")].filter((holder) => !isFolded(holder)).forEach(drawChart);
}

async function redrawCharts() {
  if (!library) return;
  await library;
  drawAgain();
}

function drawAgain() {
  document.querySelectorAll("[data-drawn]").forEach((holder) => {
    echarts.getInstanceByDom(holder)?.dispose();
    drawChart(holder);
  });
}

// Paper is white. What is drawn follows the theme, so it is drawn again.
function dressForPaper() {
  const root = document.documentElement;
  root.dataset.onScreen = root.dataset.theme ?? "";
  root.dataset.theme = "light";
  // Paper shows every part.
  document.querySelectorAll(".part").forEach((part) => part.classList.add("on-paper"));
  if (library) document.querySelectorAll("[data-option]:not([data-drawn])").forEach(drawChart);
  drawAgain();
}

function undressFromPaper() {
  const root = document.documentElement;
  if (root.dataset.onScreen) root.dataset.theme = root.dataset.onScreen;
  else delete root.dataset.theme;
  delete root.dataset.onScreen;
  document.querySelectorAll(".part").forEach((part) => part.classList.remove("on-paper"));
  drawAgain();
}

function dropCharts(root) {
  root.querySelectorAll?.("[data-drawn]").forEach((holder) => {
    if (!holder.isConnected) echarts.getInstanceByDom(holder)?.dispose();
  });
}

// ---- Theme: the system's, until the reader chooses -----------------------------------------------------

function toggleTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : darkness.matches;
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  redrawCharts();
}

// ---- Freshness: how old the newest number is, counted here between two refreshes -----------------------

const tenths = new Intl.NumberFormat(language, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

// The same words as those of the server, which says how each unit is written.
function ageWords(seconds, units) {
  if (seconds < 10) return units.s.replace("#", tenths.format(seconds));
  if (seconds < 60) return units.s.replace("#", numbers.format(Math.floor(seconds)));
  if (seconds < 3600) return units.min.replace("#", numbers.format(Math.floor(seconds / 60)));
  if (seconds < DAY_LONG) return units.h.replace("#", numbers.format(Math.floor(seconds / 3600)));
  const days = new Intl.NumberFormat(language, { style: "unit", unit: "day", unitDisplay: "long" });
  return days.format(Math.floor(seconds / 86400));
}

// Seconds for which hours are still told; older data is told by its day.
const DAY_LONG = 172800;

const CLOCK = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };

function showAge() {
  const fresh = document.querySelector("[data-latest]");
  // Where only the day is told there is no clock to move on.
  if (!fresh?.dataset.latest || !fresh.querySelector("[data-clock]")) return;
  const latest = Number(fresh.dataset.latest) / 1000;
  const skew = Number(fresh.dataset.skew || 0);
  const seconds = Math.max(0, Date.now() + skew - latest) / 1000;
  fresh.querySelector("[data-age]").textContent = ageWords(seconds, JSON.parse(fresh.dataset.units));
  if (seconds > DAY_LONG) return;
  const { zone, zoneWords } = fresh.dataset;
  const clock = new Date(latest).toLocaleTimeString(language, { timeZone: zone, ...CLOCK });
  fresh.querySelector("[data-clock]").textContent = `${clock} ${zoneWords}`;
}

// ---- Live: the server says what has changed; the visible cards about it then ask for themselves ---------

// A card asks at most once per this many milliseconds, however fast the server speaks; more rarely when answers take
// long, so that open pages never keep a busy server busy.
const CALM = 1000;
// Milliseconds: without a word for so long, the stream is dead; the server says something every 15 seconds.
const SILENCE = 40000;
// Streams that fail in a row before the page asks by itself, and how often it does then.
const PATIENCE = 3;
const POLL = 10000;
// After so long out of sight a page gives up its stream; when it is seen again, it hears what it missed.
const OUT_OF_SIGHT = 15000;

let calm = CALM;
const visible = new Set();
const stale = new Set();
const asked = new Map(); // by the id of a card, because an answer replaces the card
let planned = 0;

const watcher = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (entry.isIntersecting) visible.add(entry.target);
    else visible.delete(entry.target);
  }
  if (stale.size) planRound();
});

function watchCards(root) {
  root.querySelectorAll("[data-refresh]").forEach((card) => watcher.observe(card));
}

// Something as small as a count is seen while its page is, even when it is empty.
function isSeen(card) {
  return visible.has(card) || "always" in card.dataset;
}

function dueAt(card) {
  return (asked.get(card.id) ?? -Infinity) + calm;
}

function planRound() {
  clearTimeout(planned);
  const waiting = [...stale].filter(isSeen);
  if (!waiting.length) return;
  const first = Math.min(...waiting.map(dueAt));
  planned = setTimeout(refreshRound, Math.max(60, first - performance.now()));
}

function refreshRound() {
  const now = performance.now();
  for (const card of [...stale]) {
    if (!card.isConnected) {
      stale.delete(card);
      visible.delete(card);
    } else if (isSeen(card) && dueAt(card) <= now && !card.classList.contains("htmx-request")) {
      stale.delete(card);
      asked.set(card.id, now);
      keepCalm(card, now);
      htmx.trigger(card, "refresh");
    }
  }
  // What was still on its way may have missed the latest news.
  planRound();
}

function keepCalm(card, begun) {
  card.addEventListener(
    "htmx:afterRequest",
    () => (calm = Math.min(10000, Math.max(CALM, 3 * (performance.now() - begun)))),
    { once: true },
  );
}

function refreshAbout(subjects) {
  const all = subjects.includes("*");
  document.querySelectorAll("[data-refresh]").forEach((card) => {
    if (all || subjects.includes(card.dataset.subject)) stale.add(card);
  });
  planRound();
}

// The mark of the latest news: with it the next stream begins where this one ended.
let mark = "";
let stream = null;
let failures = 0;
let silence = 0;
let again = 0;
let polling = 0;

function connect() {
  clearTimeout(again);
  const address = new URL(document.body.dataset.stream, location.href);
  if (mark) address.searchParams.set("after", mark);
  stream = new EventSource(address);
  stream.addEventListener("changed", takeNews);
  stream.addEventListener("beat", tick);
  stream.onerror = lose;
  awaitWord();
}

function awaitWord() {
  clearTimeout(silence);
  silence = setTimeout(lose, SILENCE);
}

function stillThere() {
  failures = 0;
  clearInterval(polling);
  polling = 0;
  document.body.dataset.live = "on";
  awaitWord();
}

// Some cards change although nothing happens: events per second fall to none.
function tick() {
  stillThere();
  document.querySelectorAll("[data-ticking]").forEach((card) => stale.add(card));
  planRound();
}

function takeNews(event) {
  stillThere();
  const news = JSON.parse(event.data);
  mark = event.lastEventId;
  const fresh = document.querySelector("[data-latest]");
  if (fresh && news.latest_data_at) {
    fresh.dataset.latest = news.latest_data_at;
    fresh.dataset.skew = news.now / 1000 - Date.now();
    fresh.classList.remove("beat");
    void fresh.offsetWidth; // lets the same animation start again
    fresh.classList.add("beat");
    showAge();
  }
  showTrouble(news.platform ?? []);
  refreshAbout(news.changed);
}

// Told in full: while a store is down, nothing can be asked for.
function showTrouble(sentences) {
  const place = document.getElementById("platform-trouble");
  if (!place) return;
  place.textContent = sentences.join(" ");
  place.hidden = !sentences.length;
}

function drop() {
  stream?.close();
  stream = null;
  clearTimeout(silence);
  clearTimeout(again);
}

// Pages that lost the same server must not all come back at the same moment.
function lose() {
  drop();
  failures += 1;
  document.body.dataset.live = "off";
  if (failures >= PATIENCE && !polling) polling = setInterval(() => refreshAbout(["*"]), POLL);
  const pause = Math.min(30000, 1000 * 2 ** Math.min(failures - 1, 5));
  again = setTimeout(connect, pause * (0.5 + Math.random()));
}

let leaving = 0;

function watchSight() {
  clearTimeout(leaving);
  if (!document.hidden) {
    if (!stream) connect();
  } else {
    leaving = setTimeout(() => {
      drop();
      clearInterval(polling);
      polling = 0;
    }, OUT_OF_SIGHT);
  }
}

function listen() {
  if (!document.body.dataset.stream) return;
  connect();
  document.addEventListener("visibilitychange", watchSight);
  addEventListener("pagehide", drop);
  addEventListener("pageshow", (event) => event.persisted && watchSight());
}

// ---- Parts of a long page: folded on a narrow screen, and opened by name, by link and by hand ----------------

const unfolded = new Map(); // by the id of a part, because the answer to another period replaces it

function isFolded(holder) {
  const cards = holder.closest(".part > .cards");
  return cards !== null && getComputedStyle(cards).display === "none";
}

function setPart(part, open) {
  unfolded.set(part.id, open);
  showPart(part);
}

function showPart(part) {
  const open = unfolded.get(part.id);
  part.classList.toggle("is-open", open === true);
  part.classList.toggle("is-folded", open === false);
  const shown = getComputedStyle(part.querySelector(":scope > .cards")).display !== "none";
  part.querySelector("[data-fold]").setAttribute("aria-expanded", String(shown));
}

function showParts() {
  document.querySelectorAll(".part").forEach(showPart);
}

async function toggleFold(event) {
  const button = event.target.closest?.("[data-fold]");
  if (!button) return;
  const part = button.closest(".part");
  setPart(part, button.getAttribute("aria-expanded") !== "true");
  await drawCharts(part);
}

// A link to a part or to a card opens what it leads to.
async function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const part = target?.closest(".part");
  if (!part) return;
  setPart(part, true);
  target.scrollIntoView();
  await drawCharts(part);
}

// ---- Account menu: closes like every menu does --------------------------------------------------------

function closeMenus(event) {
  const leave = event.type === "keydown" ? event.key === "Escape" : true;
  document.querySelectorAll(".menu[open]").forEach((menu) => {
    if (!leave || (event.type === "click" && menu.contains(event.target))) return;
    menu.removeAttribute("open");
    if (event.type === "keydown") menu.querySelector("summary").focus();
  });
}

// ---- Commands that can be copied ------------------------------------------------------------------------

async function copyCommand(event) {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.getElementById(button.dataset.copy);
  await navigator.clipboard.writeText(source.value ?? source.textContent);
  button.textContent = button.dataset.copied;
}

// ---- Alerts: all at once, and the draft of a message ---------------------------------------------------

function checkAll(event) {
  const name = event.target.dataset?.checkAll;
  if (!name) return;
  event.target.form.querySelectorAll(`input[name="${name}"]`).forEach((box) => (box.checked = event.target.checked));
}

// A list that was narrowed says how many are left: from a place that stays, because readers of screens follow no other.
function announce(event) {
  const told = document.getElementById(event.detail.target?.id)?.querySelector("[data-announce]");
  if (told && event.detail.requestConfig?.triggeringEvent?.type !== "refresh") {
    document.getElementById("announcement").textContent = told.textContent;
  }
}

// What stands ready for a mail program is what was typed when the page was made.
function agePreview(event) {
  const form = event.target.matches("input, textarea") && event.target.closest("[data-mail]");
  if (!form || event.target.id === "draft-name") return;
  form.querySelector("[data-fresh]").hidden = true;
  form.querySelector("[data-stale]").hidden = false;
}

// ---- Search over everything: Ctrl-K or Cmd-K (the combobox pattern of the ARIA authoring practices) ----------

function openPalette(event) {
  const palette = document.getElementById("palette");
  if (!palette || palette.open) return;
  event.preventDefault();
  palette.showModal();
  const typed = document.getElementById("palette-typed");
  typed.select();
  htmx.trigger(typed, "opened");
}

function isPaletteKey(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k";
}

function paletteOptions() {
  return [...document.querySelectorAll("#palette-list [role=option]:not([aria-disabled])")];
}

function choose(option) {
  document.querySelectorAll("#palette-list [aria-selected=true]").forEach((each) => each.setAttribute("aria-selected", "false"));
  const typed = document.getElementById("palette-typed");
  if (!option) return typed.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  typed.setAttribute("aria-activedescendant", option.id);
}

function walkPalette(event) {
  const options = paletteOptions();
  const at = options.findIndex((each) => each.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && options.length) {
    event.preventDefault();
    choose(options[(at + step + options.length) % options.length]);
  } else if (event.key === "Enter" && options[at]) {
    event.preventDefault();
    goTo(options[at]);
  }
}

// An address on this page leads nowhere new: then nothing but the palette is in the way.
function goTo(option) {
  document.getElementById("palette").close();
  location.assign(option.dataset.href);
}

function clickPalette(event) {
  const option = event.target.closest("[data-href][role=option]");
  if (option) goTo(option);
  else if (event.target === event.currentTarget) event.currentTarget.close();
}

function tellFound(list) {
  choose(paletteOptions()[0]);
  document.getElementById("palette-told").textContent = list.querySelector("[data-found]")?.dataset.found ?? "";
}

function servePalette() {
  const palette = document.getElementById("palette");
  if (!palette) return;
  document.getElementById("palette-open").addEventListener("click", openPalette);
  document.addEventListener("keydown", (event) => isPaletteKey(event) && openPalette(event));
  document.getElementById("palette-typed").addEventListener("keydown", walkPalette);
  palette.addEventListener("click", clickPalette);
  document.getElementById("palette-list").addEventListener("htmx:afterSwap", (event) => tellFound(event.currentTarget));
}

// ---- Start ----------------------------------------------------------------------------------------------

document.addEventListener("DOMContentLoaded", () => {
  showParts();
  openTarget();
  drawCharts(document);
  watchCards(document);
  servePalette();
  listen();
  setInterval(showAge, 500);
  document.querySelector("[data-theme-toggle]")?.addEventListener("click", toggleTheme);
  document.addEventListener("click", closeMenus);
  document.addEventListener("click", copyCommand);
  document.addEventListener("click", toggleFold);
  addEventListener("hashchange", openTarget);
  matchMedia("(width < 40rem)").addEventListener("change", () => {
    showParts();
    drawCharts(document);
  });
  document.addEventListener("keydown", closeMenus);
  document.addEventListener("change", checkAll);
  document.addEventListener("input", agePreview);
  darkness.addEventListener("change", redrawCharts);
  addEventListener("beforeprint", dressForPaper);
  addEventListener("afterprint", undressFromPaper);

  let open = [];
  let checked = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open]")].map((each) => each.id);
    checked = [...event.detail.target.querySelectorAll("input:checked")].map((each) => each.id);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    announce(event);
    showParts();
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    checked.filter(Boolean).forEach((id) => {
      const box = document.getElementById(id);
      if (box) box.checked = true;
    });
    drawCharts(document.getElementById("main"));
    watchCards(document);
  });
  document.body.addEventListener("htmx:beforeCleanupElement", (event) => dropCharts(event.target));
});
