"""How long it takes to erase one student of a large campus, step by step."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from coursepulse.bench.campus import DAYS, fill_apart
from coursepulse.bench.machine import ProcessTree
from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.client.local_server import Server, started
from coursepulse.kit.settings import Settings
from coursepulse.store.presence import find

EVENTS = 10_000_000

#: Events of the student to erase, spread over all days.
OWN = 200

MODES = ("anonymise", "delete")

#: The line of the receipt that ends a step, and the step.
_STEPS = {
    "collector": "the collector forgets",
    "PostgreSQL people": "PostgreSQL, rows",
    "ClickHouse events": "ClickHouse, rows and files",
    "event log": "event log",
    "PostgreSQL files": "PostgreSQL, files",
    "PostgreSQL write-ahead log": "PostgreSQL, write-ahead log",
}

#: Seconds between two polls of the receipt, and between two events of the learner who continues.
_LOOK, _TRICKLE = 0.05, 0.2

_OTHER, _NOBODY, _COURSE = "goes-on", "nobody", "course-0"


class _ErasureRun(NamedTuple):
    """One erasure.

    :param steps: seconds of each step, in their order
    :param rest: the longest time without a newly visible event
    """

    mode: str
    seconds: float
    steps: dict[str, float]
    rest: float

    def lines(self, limit: str) -> list[Measurement]:
        """The figures, the total first."""
        total = Measurement(f"{self.mode}, from request to receipt", self.seconds, "s", limit, "60")
        rest = Measurement(f"{self.mode}, longest time without a new number", self.rest, "s")
        return [total, *(Measurement(f"  {step}", taken, "s") for step, taken in self.steps.items()), rest]


class _WatchedLearner:
    """A learner who continues during the erasure; measures the longest time without a newly visible event."""

    def __init__(self, http: httpx.Client) -> None:
        self._http = http
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._learn, daemon=True)
        self.longest = 0.0

    def __enter__(self) -> _WatchedLearner:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _learn(self) -> None:
        seen, since = _pipeline(self._http)["applied"], time.monotonic()
        while not self._stopping.wait(_TRICKLE):
            _send(self._http, [_event(_OTHER, datetime.now(UTC))])
            applied, now = _pipeline(self._http)["applied"], time.monotonic()
            self.longest = max(self.longest, now - since)
            if applied != seen:
                seen, since = applied, now


def run(events: int = EVENTS) -> BenchmarkReport:
    """One student of a campus of 10 million events in each mode, while another continues learning."""
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-") as folder:
        data = Path(folder)
        prepare(data, events)
        return BenchmarkReport("erasure", measure(data))


def prepare(data: Path, events: int) -> None:
    """The students to erase learn through the real collector; then the rest of the campus is filled in."""
    with started(Settings(data=data)) as server, _open(server) as http:
        for student in (*MODES, _OTHER):
            _enrol(http, student)
        time.sleep(1.5)  # the collector learns of consents within a second
        for student in MODES:
            _study(http, student)
        _settle(http)
    fill_apart(data, events)


def measure(data: Path) -> list[Measurement]:
    """Erase one student in each mode, and copy the databases."""
    os.sync()  # pending writes from filling are not part of it
    with started(Settings(data=data)) as server, _open(server) as http:
        _settle(http)
        # An unknown student first, so that the jobs of a freshly started server have run.
        _erase(http, _open(server), "delete", _NOBODY)
        with ProcessTree(_pid(data)) as tree:
            found = [_erase(http, _open(server), mode, mode) for mode in MODES]
    limit = _copy(data)
    peak = Measurement("peak memory of the process tree", tree.peak_memory / 2**20, "MiB", target="1,536")
    return [*(line for one in found for line in one.lines(limit)), peak]


def _pid(data: Path) -> int:
    there = find(data)
    assert there is not None  # noqa: S101 - it has just answered
    return there.pid


def _open(server: Server) -> httpx.Client:
    headers = {"Authorization": f"Bearer {server.key}"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=120)


def _enrol(http: httpx.Client, student: str) -> None:
    person = {"external_id": student, "name": f"Bench {student}", "email": f"{student}@campus.example"}
    http.put("/v1/roster/people", json=[person]).raise_for_status()
    at = datetime.now(UTC).isoformat()
    row = {"external_id": student, "purpose": "analytics", "granted": True, "text_version": "1", "at": at}
    http.put("/v1/consents", json=[row]).raise_for_status()


def _study(http: httpx.Client, student: str) -> None:
    start, each = datetime.now(UTC) - timedelta(days=DAYS), timedelta(days=DAYS) / OWN
    _send(http, [_event(student, start + number * each) for number in range(OWN)])


_numbers = itertools.count()


def _event(student: str, at: datetime) -> dict[str, Any]:
    number = next(_numbers)
    return {
        "event_id": f"erasure-{number}",
        "event_type": ("lesson_start", "quiz_answer", "lesson_complete")[number % 3],
        "timestamp": at.isoformat(),
        "student_id": student,
        "session_id": f"{student}-{at:%Y%m%d}",
        "context": {"course_id": _COURSE, "lesson_id": f"lesson-{number % 30}", "assessment_id": "quiz"},
        "payload": {"question_id": "q1", "is_correct": True, "attempt": 1} if number % 3 == 1 else {},
    }


def _send(http: httpx.Client, events: list[dict[str, Any]]) -> None:
    http.post("/v1/events", json=events).raise_for_status()


def _pipeline(http: httpx.Client) -> dict[str, Any]:
    answer: dict[str, Any] = http.get("/v1/health").raise_for_status().json()["pipeline"]
    return answer


def _settle(http: httpx.Client) -> None:
    """Return when everything is visible and the rollups of learners have caught up."""
    while _pipeline(http)["lag"] or not _have_learners_followed(http):
        time.sleep(0.1)


def _have_learners_followed(http: httpx.Client) -> bool:
    rows = http.get("/v1/metrics/pipeline").raise_for_status().json()["rows"]
    positions = {row["name"]: row["position"] for row in rows}
    return bool(positions.get("learners") == positions.get("served"))


def _erase(http: httpx.Client, other: httpx.Client, mode: str, student: str) -> _ErasureRun:
    with other, _WatchedLearner(other) as learner:
        began = time.monotonic()
        asked = http.post("/v1/privacy/erasures", json={"student": student, "mode": mode}).raise_for_status()
        ends = _follow(http, asked.json()["request_id"])
        taken = time.monotonic() - began
    steps, before = dict[str, float](), began
    for step, end in ends.items():
        steps[step], before = end - before, end
    return _ErasureRun(mode, taken, steps, learner.longest)


def _follow(http: httpx.Client, request: str) -> dict[str, float]:
    """The end of each step: its lines are on the receipt as soon as it is done."""
    ends: dict[str, float] = {}
    while True:
        found = http.get(f"/v1/privacy/requests/{request}").raise_for_status().json()
        stores = {line["store"] for line in found["receipt"]}
        ends |= {
            step: time.monotonic() for store, step in _STEPS.items() if store in stores and step not in ends
        }
        if found["state"] == "done":
            return ends
        time.sleep(_LOOK)


def _copy(data: Path) -> str:
    """Copies both databases file by file: the least that rewriting everything would take."""
    began, copied = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="coursepulse-bench-") as folder:
        for part in ("postgres/cluster/base", "clickhouse"):
            shutil.copytree(data / part, Path(folder) / part)
        for path in Path(folder).rglob("*"):
            if path.is_file():
                copied += path.stat().st_size
                with path.open("rb") as file:
                    os.fsync(file.fileno())
    return f"copying both databases, {copied / 1e9:.1f} GB: {time.monotonic() - began:.0f} s"
