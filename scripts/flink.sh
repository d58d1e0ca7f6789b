#!/usr/bin/env bash
# Apache Flink with the stream processors, on this machine.
#
#   flink.sh install                          finish .venv-flink (make flink calls it)
#   flink.sh start                            the job manager and FLINK_TASKS task managers
#   flink.sh task                             one more task manager, for one that died
#   flink.sh foreground jobmanager|taskmanager
#                                             one of them until it is told to end, for a supervisor
#   flink.sh run [SAVEPOINT]                  submit the job, from a savepoint or a checkpoint if one is given
#   flink.sh savepoint                        stop the job with a savepoint, and print its path
#   flink.sh cancel                           stop the job without
#   flink.sh stop                             the task managers and the job manager
#
# FLINK_DATA: where everything is kept (.data/flink). FLINK_PORT: of the web interface and the REST API (8081).
# FLINK_TASKS: task managers, and subtasks of the job (1). BROKERS, TOPIC, PARTITIONS: what the job reads and writes.
# FLINK_KAFKA: NAME=VALUE pairs for Kafka's clients, separated by spaces.
set -euo pipefail
cd "$(dirname "$0")/.."

venv=$PWD/.venv-flink
site=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
connector=flink-sql-connector-kafka
version=5.0.0-2.2

data=${FLINK_DATA:-$PWD/.data/flink}
port=${FLINK_PORT:-8081}
tasks=${FLINK_TASKS:-1}

export FLINK_HOME=$site/pyflink FLINK_CONF_DIR=$data/conf FLINK_LOG_DIR=$data/log FLINK_PID_DIR=$data/pid
export PATH=$venv/bin:$PATH PYTHONPATH=$site

install() {
  bash scripts/system.sh java
  # Python inside Java needs this jar beside Flink's own: loaded with a job, it works for the first one only.
  cp "$FLINK_HOME"/opt/flink-python-*.jar "$FLINK_HOME/lib/"
  mkdir -p "$venv/connector"
  mvn --quiet --batch-mode dependency:copy "-Dartifact=org.apache.flink:$connector:$version" \
    "-DoutputDirectory=$venv/connector"
}

configure() {
  mkdir -p "$data/conf" "$data/log" "$data/pid"
  cp "$FLINK_HOME"/conf/log4j*.properties "$data/conf/"
  sed -e "s|@HOME@|$data|; s|@REST@|$port|; s|@RPC@|$((port + 1))|; s|@PARALLELISM@|$tasks|" \
    deploy/flink/config.yaml > "$data/conf/config.yaml.$$"
  mv "$data/conf/config.yaml.$$" "$data/conf/config.yaml"  # others may be reading it
}

start() {
  configure
  bash "$FLINK_HOME/bin/jobmanager.sh" start
  for _ in $(seq "$tasks"); do task; done
}

task() {
  bash "$FLINK_HOME/bin/taskmanager.sh" start
}

foreground() {
  configure
  exec bash "$FLINK_HOME/bin/$1.sh" start-foreground
}

run() {
  local restore=() settings=()
  [ $# -eq 0 ] || restore=(--fromSavepoint "$1")
  for pair in ${FLINK_KAFKA:-}; do settings+=(--kafka "$pair"); done
  bash "$FLINK_HOME/bin/flink" run --detached "${restore[@]}" --pyExecutable "$venv/bin/python" \
    --pyClientExecutable "$venv/bin/python" --python deploy/flink/job.py \
    --brokers "${BROKERS:?}" --topic "${TOPIC:?}" --partitions "${PARTITIONS:-1}" \
    --connector "$venv/connector/$connector-$version.jar" "${settings[@]}"
}

job() {
  bash "$FLINK_HOME/bin/flink" list --running 2>/dev/null | grep -oE '\b[0-9a-f]{32}\b' | head -n 1
}

savepoint() {
  bash "$FLINK_HOME/bin/flink" stop "$(job)" | grep -oE 'file:[^ ]*/savepoint-[^ ]*'
}

cancel() {
  bash "$FLINK_HOME/bin/flink" cancel "$(job)"
}

stop() {
  bash "$FLINK_HOME/bin/taskmanager.sh" stop-all
  bash "$FLINK_HOME/bin/jobmanager.sh" stop-all
}

case "${1:-}" in
  install | start | task | foreground | run | savepoint | cancel | stop) "$@" ;;
  *) sed -n '2,16s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
