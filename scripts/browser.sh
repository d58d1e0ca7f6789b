#!/usr/bin/env bash
# The browser tests need Chromium. Where Debian's is missing and we are root, this installs it.
set -euo pipefail

browser=/usr/bin/chromium

if [[ -x "$browser" ]]; then
  exit 0
fi
if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "The browser tests need Chromium at $browser: install it (Debian: apt-get install chromium), then run again." >&2
  exit 1
fi
echo "Installing Chromium for the browser tests …"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! { apt-get update && apt-get install --yes --no-install-recommends chromium fonts-dejavu-core; } >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  echo "Chromium could not be installed; see the lines above." >&2
  exit 1
fi
