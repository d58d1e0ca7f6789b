"""Submits the job that runs every stream processor in Apache Flink. Flink's own command starts this file."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from coursepulse.stream.runners.flink import FlinkJob, run_job
from coursepulse.wiring.processor_table import make_student_processors


def read_job(arguments: Sequence[str] | None = None) -> FlinkJob:
    """The job that a command line describes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", required=True, help="host:port,host:port")
    parser.add_argument("--topic", required=True, help="the name in COURSEPULSE_PROCESSORS_KAFKA")
    parser.add_argument("--connector", required=True, help="path of flink-sql-connector-kafka-*.jar")
    parser.add_argument("--partitions", type=int, default=1, help="as many as the log has")
    parser.add_argument(
        "--kafka", action="append", default=[], metavar="NAME=VALUE", help="of Kafka's clients"
    )
    given = parser.parse_args(arguments)
    return FlinkJob(
        f"coursepulse-{given.topic}",
        given.connector,
        given.brokers,
        f"{given.topic}-feed",
        f"{given.topic}-outputs",
        given.partitions,
        dict(each.split("=", 1) for each in given.kafka),
        make_student_processors,
    )


def main() -> None:
    """Submit it."""
    run_job(read_job())
