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

function tipText(params) {
  const points = Array.isArray(params) ? params : [params];
  return points.map((point) => point.data?.tip ?? "").filter(Boolean).join("\n");
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
      textStyle: { color: ink, fontSize: 12, lineHeight: 18 },
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
  if (option.tooltip) option.tooltip.formatter = tipText;
  let chart = echarts.getInstanceByDom(holder);
  if (!chart) {
    chart = echarts.init(holder, themeOf(styles));
    chart.on("click", (point) => {
      if (point.data?.href) location.assign(point.data.href);
    });
    new ResizeObserver(() => chart.resize()).observe(holder);
  }
  chart.setOption(option, { notMerge: true });
  holder.dataset.drawn = "true";
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
  root.querySelectorAll("[data-option]").forEach(drawChart);
}

async function redrawCharts() {
  if (!library) return;
  await library;
  document.querySelectorAll("[data-option]").forEach((holder) => {
    echarts.getInstanceByDom(holder)?.dispose();
    drawChart(holder);
  });
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

function ageWords(seconds) {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.floor(seconds)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

function showAge() {
  const fresh = document.querySelector("[data-latest]");
  if (!fresh?.dataset.latest) return;
  const latest = Number(fresh.dataset.latest) / 1000;
  const skew = Number(fresh.dataset.skew || 0);
  fresh.querySelector("[data-clock]").textContent = new Date(latest).toISOString().slice(11, 19);
  fresh.querySelector("[data-age]").textContent = ageWords(Math.max(0, Date.now() + skew - latest) / 1000);
}

// ---- Live: the server says that something was applied; visible cards then ask for themselves -----------

// At most one round of refreshes per this many milliseconds, however fast the server speaks; more when its
// answers take long, so that open pages never keep a busy server busy.
const CALM = 900;
let calm = CALM;
const visible = new Set();
const stale = new Set();
let lastRound = 0;
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

function planRound() {
  if (planned) return;
  const wait = Math.max(60, lastRound + calm - performance.now());
  planned = setTimeout(refreshRound, wait);
}

function refreshRound() {
  planned = 0;
  lastRound = performance.now();
  for (const card of stale) {
    if (!card.isConnected) stale.delete(card);
    else if (visible.has(card) && !card.classList.contains("htmx-request")) {
      stale.delete(card);
      keepCalm(card, performance.now());
      htmx.trigger(card, "refresh");
    }
  }
  // What was still on its way may have missed the latest news.
  if ([...stale].some((card) => visible.has(card))) planRound();
}

function keepCalm(card, begun) {
  card.addEventListener(
    "htmx:afterRequest",
    () => (calm = Math.min(10000, Math.max(CALM, 3 * (performance.now() - begun)))),
    { once: true },
  );
}

function takeNews(event) {
  const news = JSON.parse(event.data);
  const fresh = document.querySelector("[data-latest]");
  // The first message says how far things are: only news if they went on while the page was on its way.
  const known = news.first && fresh?.dataset.applied === news.applied;
  if (fresh && news.latest_data_at) {
    fresh.dataset.latest = news.latest_data_at;
    fresh.dataset.skew = news.now / 1000 - Date.now();
    fresh.classList.remove("beat");
    void fresh.offsetWidth; // lets the same animation start again
    fresh.classList.add("beat");
    showAge();
  }
  if (known) return;
  document.querySelectorAll("[data-refresh]").forEach((card) => stale.add(card));
  planRound();
}

function listen() {
  if (!document.querySelector("[data-latest]")) return;
  const source = new EventSource(document.body.dataset.stream);
  source.addEventListener("applied", takeNews);
  source.onopen = () => (document.body.dataset.live = "on");
  source.onerror = () => (document.body.dataset.live = "off"); // the browser tries again by itself
  addEventListener("pagehide", () => source.close());
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
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
  button.textContent = button.dataset.copied;
}

// ---- Start ----------------------------------------------------------------------------------------------

document.addEventListener("DOMContentLoaded", () => {
  drawCharts(document);
  watchCards(document);
  listen();
  setInterval(showAge, 500);
  document.querySelector("[data-theme-toggle]")?.addEventListener("click", toggleTheme);
  document.addEventListener("click", closeMenus);
  document.addEventListener("click", copyCommand);
  document.addEventListener("keydown", closeMenus);
  darkness.addEventListener("change", redrawCharts);

  let open = [];
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    open = [...event.detail.target.querySelectorAll("details[open]")].map((each) => each.id);
  });
  document.body.addEventListener("htmx:afterSwap", () => {
    open.forEach((id) => document.getElementById(id)?.setAttribute("open", ""));
    drawCharts(document.getElementById("main"));
    watchCards(document);
  });
  document.body.addEventListener("htmx:beforeCleanupElement", (event) => dropCharts(event.target));
});
