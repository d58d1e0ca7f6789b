"""From a changed consent to its effect: how long until the collector refuses events, and until numbers leave the
student out.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import msgspec

from coursepulse.bench.result import BenchmarkReport, Measurement, percentile
from coursepulse.bench.scratch import agree, scratch_server

STUDENT, COURSE = "consent-probe", "consent-bench"
ROUNDS = 60


def run() -> BenchmarkReport:
    """Withdraws and grants in turn, and polls until it takes effect."""
    with scratch_server() as scratch:
        agree(scratch, STUDENT)
        with httpx.Client(base_url=scratch.server.url, headers=scratch.headers, timeout=60) as http:
            _send(http, "first")
            _wait(lambda: _counted(http))
            collector = [_change(http, number % 2 == 1, _collector) for number in range(ROUNDS)]
            numbers = [_change(http, number % 2 == 1, _numbers) for number in range(ROUNDS)]
    lines = [_line("collector", collector, share) for share in (0.5, 0.99)]
    return BenchmarkReport("consent", lines + [_line("numbers", numbers, share) for share in (0.5, 0.99)])


def _line(where: str, delays: list[float], share: float) -> Measurement:
    name = f"consent changed to enforced, {where}, p{share * 100:.0f}"
    return Measurement(
        name, percentile(delays, share), "s", f"{len(delays)} changes", "1.0" if share > 0.9 else ""
    )


def _change(http: httpx.Client, granted: bool, holds: Callable[[httpx.Client], bool]) -> float:
    at = datetime.now(UTC).isoformat()
    row = {"external_id": STUDENT, "purpose": "analytics", "granted": granted, "at": at}
    http.put("/v1/consents", json=[row]).raise_for_status()
    began = time.perf_counter()
    _wait(lambda: holds(http) is granted)
    return time.perf_counter() - began


_numbered = itertools.count()


def _collector(http: httpx.Client) -> bool:
    return _send(http, f"probe-{next(_numbered)}")


def _numbers(http: httpx.Client) -> bool:
    return _counted(http)


def _send(http: httpx.Client, event_id: str) -> bool:
    """Whether the collector accepts a behavioural event."""
    event = {
        "event_id": event_id,
        "event_type": "lesson_start",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": STUDENT,
        "session_id": "probe",
        "context": {"course_id": COURSE, "lesson_id": "one"},
    }
    answer = http.post("/v1/events", json=event).raise_for_status()
    return int(msgspec.json.decode(answer.content)["accepted"]) == 1


def _counted(http: httpx.Client) -> bool:
    answer = http.get("/v1/metrics/clicks", params={"course": COURSE}).raise_for_status()
    rows = msgspec.json.decode(answer.content)["rows"]
    return bool(rows) and rows[0]["clicks"] > 0


def _wait(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.01)
