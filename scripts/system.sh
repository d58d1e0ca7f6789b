#!/usr/bin/env bash
# System packages that no registry of Python has: system.sh browser|java|openmp|pooler|proxy|redis. Where one is missing and
# we are root, this installs Debian's.
set -euo pipefail

case "${1:-}" in
  browser)
    what="Chromium at /usr/bin/chromium" why="The browser tests need" packages=(chromium fonts-dejavu-core)
    found() { [[ -x /usr/bin/chromium ]]; } ;;
  java)
    what="Java 17 and Maven" why="Apache Kafka, for the tests of its log, needs" packages=(openjdk-17-jre-headless maven)
    found() { command -v java >/dev/null && command -v mvn >/dev/null; } ;;
  openmp)
    what="libgomp.so.1" why="LightGBM, which models of risk are trained with, needs" packages=(libgomp1)
    found() { /sbin/ldconfig -p | grep -q 'libgomp\.so\.1'; } ;;
  pooler)
    what="pgbouncer" why="The tests of PostgreSQL behind a pooler need" packages=(pgbouncer)
    found() { command -v pgbouncer >/dev/null || [[ -x /usr/sbin/pgbouncer ]]; } ;;
  proxy)
    what="haproxy" why="The proxy of make cluster needs" packages=(haproxy)
    found() { command -v haproxy >/dev/null || [[ -x /usr/sbin/haproxy ]]; } ;;
  redis)
    what="redis-server" why="The tests of what servers share need" packages=(redis-server)
    found() { command -v redis-server >/dev/null; } ;;
  *)
    echo "usage: $0 browser|java|openmp|pooler|proxy|redis" >&2
    exit 2 ;;
esac

if found; then
  exit 0
fi
if [[ "$(id -u)" != 0 ]] || ! command -v apt-get >/dev/null; then
  echo "$why $what: install it (Debian: apt-get install ${packages[*]}), then run again." >&2
  exit 1
fi
echo "Installing ${packages[*]} …"
export DEBIAN_FRONTEND=noninteractive
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
if ! { apt-get update && apt-get install --yes --no-install-recommends "${packages[@]}"; } >"$log" 2>&1; then
  tail -n 5 "$log" >&2
  echo "${packages[*]} could not be installed; see the lines above." >&2
  exit 1
fi
