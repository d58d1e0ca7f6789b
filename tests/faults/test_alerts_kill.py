"""kill -9 at any moment, a hundred times: no alert is lost, doubled or stuck open.

A few rounds of the same are part of :mod:`tests.faults.test_kill`.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from coursepulse.client.local_server import launch, wait_for
from coursepulse.kit.settings import Settings
from tests.support.server import Platform, platform, wait_until

ROUNDS = 100

#: Students of each round: every other one passes in the end.
STUDENTS = 6

FAILS = 3


class Sitting(NamedTuple):
    """A student at a quiz of a round, and what is handed in there: some fail, some fail and then pass."""

    student: str
    quiz: str
    passes: bool

    def events(self) -> list[dict[str, Any]]:
        results = [False] * FAILS + [True] * self.passes
        return [self._submit(number, passed) for number, passed in enumerate(results)]

    def _submit(self, number: int, passed: bool) -> dict[str, Any]:
        return {
            "event_id": f"{self.student}-{self.quiz}-{number}",
            "event_type": "quiz_submit",
            "student_id": self.student,
            "session_id": f"{self.student}-{self.quiz}",
            "context": {"course_id": "course", "assessment_id": self.quiz},
            "payload": {
                "score": 90 if passed else 10,
                "max_score": 100,
                "passed": passed,
                "attempt": number + 1,
            },
        }


def sittings(number: int) -> list[Sitting]:
    return [Sitting(f"student-{n}", f"quiz-{number}", n % 2 == 1) for n in range(STUDENTS)]


@pytest.mark.long
def test_no_alert_is_lost_doubled_or_stuck_open(tmp_path: Path) -> None:
    settings, rng = Settings(data=tmp_path), random.Random(7)
    with platform(tmp_path) as sender:
        sender.agree(*(f"student-{n}" for n in range(STUDENTS)))
    waiting: list[list[dict[str, Any]]] = []
    for number in range(ROUNDS):
        waiting += [each.events() for each in sittings(number)]
        process = launch(settings, "--port", "0")
        with closing(Platform(wait_for(process, settings), tmp_path)) as sender:
            hand_in(sender, waiting, rng, left=rng.randrange(2 * STUDENTS))
            if number % 2:
                wait_until(lambda: sender.http.get("/v1/health").json()["pipeline"]["lag"] == 0)
        time.sleep(rng.uniform(0.0, 0.5))
        process.kill()
        process.wait()
    with platform(tmp_path) as sender:
        hand_in(sender, waiting, rng, left=0)
        sender.settle()
        expected = Counter(
            (f"quiz-{number}", "cleared" if each.passes else "open")
            for number in range(ROUNDS)
            for each in sittings(number)
        )
        wait_until(lambda: standing(sender) == expected)
        # Nothing comes back, either.
        time.sleep(1.0)
        assert standing(sender) == expected


def hand_in(sender: Platform, queues: list[list[dict[str, Any]]], rng: random.Random, *, left: int) -> None:
    """Event by event, in any order of students, until so many are left for after the next kill.

    Every request is acknowledged before that.
    """
    while sum(map(len, queues)) > left:
        queue = rng.choice(queues)
        event = queue.pop(0) | {"timestamp": datetime.now(UTC).isoformat()}
        assert sender.send(event)["rejected"] == []
        queues[:] = [each for each in queues if each]


def standing(sender: Platform) -> Counter[tuple[str, str]]:
    """How many alerts about failed submits there are: by quiz, open or cleared."""
    found: Counter[tuple[str, str]] = Counter()
    after: str | None = ""
    while after is not None:
        page = read_page(sender.http, after)
        found.update(
            (alert["item"], "open" if alert["cleared_at"] is None else "cleared") for alert in page["alerts"]
        )
        after = page["next"]
    return found


def read_page(http: httpx.Client, after: str) -> dict[str, Any]:
    params = {"rule": "failed_submits", "state": "all", "limit": "200"} | ({"after": after} if after else {})
    page: dict[str, Any] = http.get("/v1/alerts", params=params).raise_for_status().json()
    return page
