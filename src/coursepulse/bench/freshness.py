"""From POST to visible: how long until the metrics API shows an event, while others pour in."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from datetime import UTC, datetime

import httpx
import msgspec

from coursepulse.bench.load import drive
from coursepulse.bench.result import Line, Report, percentile
from coursepulse.bench.scratch import Scratch, agree, enrol, scratch_server
from coursepulse.bench.traffic import Crowd, bodies

SECONDS = 30.0
BATCH = 100
PROBE = "freshness-probe"


def run() -> Report:
    """At 2,500 and at 15,000 events/s beside the probe."""
    crowd = Crowd()
    with scratch_server() as scratch:
        enrol(scratch, crowd)
        agree(scratch, PROBE)
        lines = [*_at(scratch, crowd, 2_500.0), *_at(scratch, crowd, 15_000.0)]
    return Report("freshness", lines)


def _at(scratch: Scratch, crowd: Crowd, rate: float) -> list[Line]:
    delays: list[float] = []
    stopping = threading.Event()
    probe = threading.Thread(target=_probe, args=(scratch, delays, stopping, f"{PROBE}-{rate:.0f}"))
    probe.start()
    requests = (scratch.target.post("/v1/events", body) for body in bodies(crowd, BATCH, seed=int(rate)))
    sent = asyncio.run(drive(scratch.target, requests, connections=8, rate=rate / BATCH, seconds=SECONDS))
    stopping.set()
    probe.join()
    name = f"at {rate:,.0f} events/s"
    targets = {0.99: "1.0"} if rate < 10_000 else {0.95: "1.0"}
    lines = [Line(f"{name}: acknowledged", BATCH * sum(s.status == 202 for s in sent) / SECONDS, "events/s")]
    return lines + [
        Line(
            f"{name}: visible, p{share * 100:.0f}",
            percentile(delays, share),
            "s",
            f"{len(delays)} probes",
            targets.get(share, ""),
        )
        for share in (0.5, 0.95, 0.99)
    ]


def _probe(scratch: Scratch, delays: list[float], stopping: threading.Event, course: str) -> None:
    """Send one event after another and ask for the course's clicks until each is counted."""
    with httpx.Client(base_url=scratch.server.url, headers=scratch.headers, timeout=60) as http:
        for number in itertools.count(1):
            if stopping.is_set():
                return
            began = time.monotonic()
            http.post("/v1/events", json=_event(course, number)).raise_for_status()
            while _clicks(http, course) < number:
                time.sleep(0.01)
            delays.append(time.monotonic() - began)
            time.sleep(0.05)


def _event(course: str, number: int) -> dict[str, object]:
    return {
        "event_id": f"{course}-{number}",
        "event_type": "lesson_complete",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": PROBE,
        "session_id": f"{course}-{number // 20}",
        "context": {"course_id": course, "lesson_id": "one"},
    }


def _clicks(http: httpx.Client, course: str) -> int:
    answer = http.get("/v1/metrics/clicks", params={"course": course}).raise_for_status()
    rows = msgspec.json.decode(answer.content)["rows"]
    return int(rows[0]["clicks"]) if rows else 0
