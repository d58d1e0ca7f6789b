"""Clients that remember what was acknowledged."""

from __future__ import annotations

import random
import threading
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import httpx

from coursepulse.client.local_server import Server

STUDENTS = [f"student-{number}" for number in range(8)]
_TYPES = ("lesson_start", "video_play", "video_pause", "quiz_answer", "lesson_complete")


def make_event(rng: random.Random) -> dict[str, Any]:
    """One event that happens now."""
    student = rng.choice(STUDENTS)
    kind = rng.choice(_TYPES)
    payload: dict[str, Any] = {}
    if kind.startswith("video"):
        payload = {"current_time": rng.randrange(300), "video_duration": 300}
    if kind == "quiz_answer":
        payload = {"question_id": f"q{rng.randrange(5)}", "is_correct": rng.random() < 0.5}
    return {
        "event_id": str(uuid.UUID(int=rng.getrandbits(128), version=4)),
        "event_type": kind,
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": student,
        "session_id": f"{student}-{rng.randrange(3)}",
        "context": {
            "course_id": f"course-{rng.randrange(2)}",
            "lesson_id": f"lesson-{rng.randrange(6)}",
            "video_id": "intro",
            "assessment_id": "quiz",
        },
        "payload": payload,
    }


class Sender(threading.Thread):
    """Sends batches until stopped; sends a batch again when no answer came, and now and then although one did.

    :param pause: seconds between two requests
    :param timeout: seconds for an answer
    """

    def __init__(self, server: Server, seed: int, *, pause: float = 0.0, timeout: float = 5.0) -> None:
        super().__init__(daemon=True)
        self._pause, self._timeout = pause, timeout
        self._server, self._rng = server, random.Random(seed)
        self._stopping = threading.Event()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()

    def run(self) -> None:
        headers = {"Authorization": f"Bearer {self._server.key}"}
        previous: list[dict[str, Any]] = []
        with httpx.Client(base_url=self._server.url, headers=headers, timeout=self._timeout) as http:
            while not self._stopping.is_set():
                again = previous and self._rng.random() < 0.1
                batch = (
                    previous if again else [make_event(self._rng) for _ in range(self._rng.randrange(1, 40))]
                )
                previous = batch
                self._send(http, batch)
                self._stopping.wait(self._pause)

    def _send(self, http: httpx.Client, batch: list[dict[str, Any]]) -> None:
        ids = {event["event_id"] for event in batch}
        self.sent |= ids
        try:
            answer = http.post("/v1/events", json=batch)
        except httpx.HTTPError:
            time.sleep(0.05)
            return
        if answer.status_code == 202:
            assert answer.json()["rejected"] == []
            self.acknowledged |= ids

    def stop(self) -> None:
        self._stopping.set()
        self.join()
