"""The ingest worker in its own process, as the server uses it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.keys import SCOPES, Key
from coursepulse.collect.remote_worker import RemoteWorker
from coursepulse.collect.worker import IngestRequest
from coursepulse.collect.worker_process import PROTOCOL, Begin, pack
from coursepulse.kit.errors import LogFull, RequestError
from coursepulse.kit.messages import pack_message
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.log.positions import start
from coursepulse.privacy.consent import ConsentDecision, Purpose
from coursepulse.privacy.pseudonyms import Pseudonyms
from tests.support.server import wait_until

SECRET = b"a secret of the tests"
KEY = Key("tests", SCOPES)


def events(*numbers: int, student: str = "ann") -> bytes:
    """Behavioural events, which need a consent."""
    return json.dumps(
        [
            {
                "event_id": f"e-{number}",
                "event_type": "lesson_start",
                "timestamp": datetime.now(UTC).isoformat(),
                "student_id": student,
                "context": {"course_id": "maths", "lesson_id": "one"},
            }
            for number in numbers
        ]
    ).encode()


class WorkerHarness:
    """An ingest worker, and what the server does around it."""

    def __init__(self, folder: Path) -> None:
        self.settings = Settings(data=folder)
        self.log = open_log(self.settings.log_url)
        self.consents = ConsentFile(folder / "log" / "consents.bin")
        self.worker = RemoteWorker(self.settings, SECRET)
        self.worker.start()
        self.consents.tell(self.worker.decide)
        self._loop = asyncio.Runner()

    def decide(self, *, granted: bool) -> None:
        self.consents.record([ConsentDecision(Pseudonyms(SECRET).of("ann"), Purpose.ANALYTICS, granted)])

    def take(self, *requests: IngestRequest) -> list[Any]:
        """Receipts, or what was raised, of requests on their way together."""

        async def together() -> list[Any]:
            return await asyncio.gather(*map(self.worker.take, requests), return_exceptions=True)

        return [json.loads(one) if isinstance(one, bytes) else one for one in self._loop.run(together())]

    def one(self, body: bytes, **more: Any) -> Any:
        [answer] = self.take(IngestRequest(body, KEY, **more))
        return answer

    def stored(self) -> int:
        return sum(len(block.events) for block in self.log.read(start(), 1 << 30))

    def kill(self) -> None:
        pid = self.worker.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: self.worker.pid not in (None, pid))

    def kill_amid(self, requests: list[IngestRequest], after: float) -> list[Any]:
        """What becomes of requests whose ingest worker is killed so many seconds after they were handed over."""
        pid = self.worker.pid
        assert pid

        async def hand_over() -> list[Any]:
            answers = asyncio.gather(*map(self.worker.take, requests), return_exceptions=True)
            await asyncio.sleep(after)
            os.kill(pid, signal.SIGKILL)
            return await answers

        answers = self._loop.run(hand_over())
        wait_until(lambda: self.worker.pid not in (None, pid))
        return answers

    def close(self) -> None:
        self.worker.stop()
        self._loop.close()
        self.log.close()


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[WorkerHarness]:
    harness = WorkerHarness(tmp_path)
    harness.decide(granted=True)
    yield harness
    harness.close()


def test_a_consent_holds_for_the_next_request(harness: WorkerHarness) -> None:
    assert harness.one(events(1))["accepted"] == 1
    harness.decide(granted=False)
    receipt = harness.one(events(2))
    assert (receipt["accepted"], receipt["rejected"][0]["reason"]) == (0, "no_consent")
    harness.decide(granted=True)
    assert harness.one(events(3))["accepted"] == 1
    assert harness.stored() == 2


def test_many_requests_at_once_get_their_own_receipts(harness: WorkerHarness) -> None:
    requests = [IngestRequest(events(*range(number)), KEY) for number in range(1, 40)]
    assert [receipt["accepted"] for receipt in harness.take(*requests)] == list(range(1, 40))


def test_a_bad_body_costs_its_sender_alone(harness: WorkerHarness) -> None:
    bad, good = harness.take(IngestRequest(b"nonsense", KEY), IngestRequest(events(1), KEY))
    assert isinstance(bad, RequestError)
    assert (bad.code, bad.status) == ("not_json", 400)
    assert good["accepted"] == 1
    damaged = harness.one(b"no zstd", encoding="zstd")
    assert (damaged.code, damaged.status) == ("damaged_body", 400)


def test_a_killed_ingest_worker_is_back_and_knows_what_was_decided(harness: WorkerHarness) -> None:
    assert harness.one(events(1))["accepted"] == 1
    harness.kill()
    harness.decide(granted=False)
    wait_until(lambda: not isinstance(harness.one(events(2)), LogFull))
    assert harness.one(events(3))["rejected"][0]["reason"] == "no_consent"
    harness.decide(granted=True)
    assert harness.one(events(4))["accepted"] == 1
    assert harness.stored() == 2


def test_whatever_a_killed_ingest_worker_had_accepted_is_stored(harness: WorkerHarness) -> None:
    accepted = 0
    for turn in range(5):
        numbers = range(2_000 * turn, 2_000 * turn + 2_000, 100)
        answers = harness.kill_amid(
            [IngestRequest(events(*range(n, n + 100)), KEY) for n in numbers], 0.003 * turn
        )
        assert all(isinstance(one, bytes | LogFull) for one in answers)
        accepted += sum(json.loads(one)["accepted"] for one in answers if isinstance(one, bytes))
    assert harness.stored() >= accepted
    assert harness.one(events(1))["accepted"] == 1


def test_what_was_counted_is_told(harness: WorkerHarness) -> None:
    harness.one(events(1, 2))
    harness.one(events(3, student="nobody"))
    report = harness.worker.report()
    assert report.events == {"accepted": 2, "no_consent": 1}
    assert report.steps["decode"].calls == 2
    harness.worker.forget()
    assert harness.one(events(4))["accepted"] == 1


def test_a_stopped_office_leaves_no_process(tmp_path: Path) -> None:
    harness = WorkerHarness(tmp_path)
    pid = harness.worker.pid
    harness.close()
    assert pid
    assert not psutil.pid_exists(pid)


def test_an_ingest_worker_of_another_version_than_its_server_says_so_and_ends(tmp_path: Path) -> None:
    """As when a version is installed over a server that goes on, whose ingest worker then dies."""
    requests, orders = socket.socketpair(), socket.socketpair()
    theirs = [requests[1].fileno(), orders[1].fileno()]
    begin = Begin(Settings(data=tmp_path), b"a secret", PROTOCOL + 1)
    command = [sys.executable, "-m", "coursepulse.collect.worker_process", *map(str, theirs)]
    with requests[0], requests[1], orders[0], orders[1]:
        orders[0].sendall(pack_message(pack(begin)))
        ended = subprocess.run(
            command, pass_fds=theirs, capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.endswith("The server speaks protocol 2, and its ingest worker 1: restart it.\n")
