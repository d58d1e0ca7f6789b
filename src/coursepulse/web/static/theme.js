// Runs before the first paint, so that a chosen theme never flashes the other one.
(() => {
  const chosen = localStorage.getItem("theme");
  if (chosen) document.documentElement.dataset.theme = chosen;
  // Before anything is drawn, too: the parts of a long page are folded where they would be screens away.
  const narrow = matchMedia("(width < 40rem)");
  const fold = () => document.documentElement.classList.toggle("folds", narrow.matches);
  narrow.addEventListener("change", fold);
  fold();
  // Times are written on the server, on the clock of the reader.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone) document.cookie = `zone=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
})();
