"""A broker without space, and one that refuses: the collector spools, then says 503, and loses nothing it acknowledged.

The disk is a small one in memory, and really full; to mount it needs root.
"""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from coursepulse.bench.broker import Broker
from coursepulse.kit.errors import SettingError
from tests.deploy.running import PATIENCE
from tests.faults.senders import STUDENTS, Sender, make_event
from tests.faults.test_kafka_kill import is_empty, stored_ids
from tests.support.kafka import open_broker
from tests.support.server import Platform, platform, wait_until

pytestmark = pytest.mark.cluster

TOPIC = "events"

#: Bytes of a disk that has room for a few minutes of events.
DISK = 32 << 20


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own.

    Skips without root, and where nothing may be mounted.
    """
    folder.mkdir()
    command = ["/usr/bin/mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("a disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["/usr/bin/umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Somebody else's file that takes what is left."""
    path = disk / "of-somebody-else"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def test_a_full_disk_of_the_broker_costs_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk:
        broker = open_broker(disk / "kafka")
        broker.start()
        taken = Path()

        def take_space() -> None:
            nonlocal taken
            taken = fill(disk)

        def give_it_back() -> None:
            broker.kill()
            with pytest.raises((SettingError, OSError)):
                broker.start()  # as a supervisor would
            broker.kill()
            taken.unlink()
            broker.start()

        try:
            check_refusal(tmp_path, broker, take_space, give_it_back)
        finally:
            broker.stop()


def test_records_that_have_become_too_large_wait_and_are_not_lost(tmp_path: Path) -> None:
    broker = open_broker(tmp_path / "kafka")
    broker.start()
    try:
        admin = AdminClient({"bootstrap.servers": broker.servers, "log_level": 0})
        large = str(16 << 20)
        check_refusal(tmp_path, broker, lambda: allow_bytes(admin, "60"), lambda: allow_bytes(admin, large))
    finally:
        broker.stop()


def allow_bytes(admin: AdminClient, most: str) -> None:
    """Of a batch in the topic."""
    entry = ConfigEntry("max.message.bytes", most, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, TOPIC, incremental_configs=[entry])
    admin.incremental_alter_configs([resource])[resource].result(60)


def check_refusal(
    folder: Path, broker: Broker, refuse: Callable[[], None], relent: Callable[[], None]
) -> None:
    data = folder / "data"
    data.mkdir()
    url = f"kafka://{broker.servers}/{TOPIC}?partitions=2"
    with platform(data, log=url, spool_mb=1) as sender:
        sender.agree(*STUDENTS)
        senders = [Sender(sender.server, number, pause=0.02, timeout=60) for number in range(4)]
        for each in senders:
            each.start()
        wait_until(lambda: acknowledged(senders) > 200, PATIENCE)
        refuse()
        before = acknowledged(senders)
        answer = await_refusal(sender)
        # It went on for as long as there was room on its own disk.
        assert acknowledged(senders) > before + 1_000
        assert answer.json()["code"] == "log_unavailable"
        assert int(answer.headers["Retry-After"]) > 0
        relent()
        for each in senders:
            each.stop()
        wait_until(lambda: is_empty(data / "log" / "spool.sqlite"), PATIENCE)
        wait_until(lambda: take(sender).status_code == 202, PATIENCE)
        sender.settle(PATIENCE)
        stored = stored_ids(data)
        assert (
            len(stored) == len(set(stored)) == sum(row["events"] for row in sender.metric("platform_daily"))
        )
    assert set[str]().union(*(each.acknowledged for each in senders)) <= set(stored)


def acknowledged(senders: list[Sender]) -> int:
    return sum(len(each.acknowledged) for each in senders)


def await_refusal(sender: Platform) -> httpx.Response:
    """The answer of a collector that has no room any more."""
    answers: list[httpx.Response] = []

    def is_refused() -> bool:
        answers.append(take(sender))
        return answers[-1].status_code == 503

    wait_until(is_refused, PATIENCE)
    return answers[-1]


def take(sender: Platform) -> httpx.Response:
    return sender.http.post("/v1/events", json=[make_event(random.Random(os.urandom(8)))])
