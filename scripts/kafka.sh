#!/usr/bin/env bash
# Apache Kafka from Maven Central into .kafka, for tests and benchmarks: kafka.sh. Needs Java 17 and Maven, which
# scripts/system.sh installs where it may. Does nothing when it is there already.
set -euo pipefail
cd "$(dirname "$0")/.."

home=.kafka
if cmp --silent scripts/kafka/pom.xml "$home/pom.xml"; then
  exit 0
fi
bash scripts/system.sh java
echo "Installing Apache Kafka into $home …"
rm -rf "$home"
mkdir -p "$home"
cp scripts/kafka/log4j2.yaml "$home/"
mvn --quiet --batch-mode --file scripts/kafka/pom.xml dependency:copy-dependencies \
  -DoutputDirectory="$PWD/$home/libs" -DincludeScope=runtime
cp scripts/kafka/pom.xml "$home/"
