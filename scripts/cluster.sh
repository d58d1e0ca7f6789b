#!/usr/bin/env bash
# What make cluster needs of the system, for the parts that are wanted: cluster.sh "kafka redis"; all of an empty text.
set -euo pipefail
here="$(dirname "$0")"
wanted="${1:-kafka redis proxy}"
[ "$wanted" != all ] || wanted="kafka redis proxy flink airflow superset"

for part in $wanted; do
  case "$part" in
    kafka) bash "$here/kafka.sh" ;;
    redis) bash "$here/system.sh" redis ;;
    proxy) bash "$here/system.sh" proxy ;;
    flink | airflow | superset) make --no-print-directory -C "$here/.." ".stamp-$part" ;;
    *) ;; # needs nothing, or does not exist: the cluster itself says so
  esac
done
