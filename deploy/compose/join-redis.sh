#!/usr/bin/env bash
# Makes a cluster of three masters and three replicas of the six nodes, unless they are one already.
set -euo pipefail
if redis-cli -h redis-1 cluster info | grep -q 'cluster_state:ok'; then
  exit 0
fi
nodes=()
for number in 1 2 3 4 5 6; do
  nodes+=("$(getent hosts "redis-$number" | awk '{print $1; exit}'):6379")
done
redis-cli --cluster create "${nodes[@]}" --cluster-replicas 1 --cluster-yes
