#!/usr/bin/env bash
# What make cluster needs of the system, for the parts that are wanted: cluster.sh "kafka redis"; all of an empty text.
set -euo pipefail
here="$(dirname "$0")"
wanted="${1:-kafka redis proxy}"

for part in $wanted; do
  case "$part" in
    kafka) bash "$here/kafka.sh" ;;
    redis) bash "$here/system.sh" redis ;;
    proxy) bash "$here/system.sh" proxy ;;
    *) ;; # needs nothing, or does not exist: the cluster itself says so
  esac
done
