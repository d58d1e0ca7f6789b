"""Each rule about learners on a running server: raised by events, and cleared by those that make it untrue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest

from coursepulse.alerts.alert import Alert
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.kit.clock import to_micros
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.connect import SERVICE, open_pool
from tests.support.postgres import owner_dsn
from tests.support.server import Platform, wait_until

COURSE = "alerts-learners"
SILENT, LATE, FALLING, FAILING, WELL = (
    f"alerts-{name}" for name in ("silent", "late", "falling", "failing", "well")
)
STUDENTS = (SILENT, LATE, FALLING, FAILING, WELL)

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Alerts(NamedTuple):
    """A server, and the alerts that it keeps."""

    sender: Platform
    store: PostgresAlerts
    now: datetime

    def about(self, rule: str, student: str) -> list[Alert]:
        """The open alerts of a rule about a student."""
        secret = (self.sender.data / "pseudonym.key").read_bytes()
        known = Pseudonyms(secret).of(student)
        return [alert for alert in self.store.open_of(rule) if alert.student_id == known]

    def of(self, rule: str) -> list[Alert]:
        """The open alerts of a rule in the course."""
        return [alert for alert in self.store.open_of(rule) if alert.course_id == COURSE]

    def send(self, *lines: tuple[str, str, timedelta, dict[str, Any]]) -> None:
        """Events: student, type, how long ago, and what is special about it."""
        events = [
            {
                "event_id": f"alerts {student} {kind} {ago} {more}",
                "event_type": kind,
                "timestamp": (self.now - ago).isoformat(),
                "student_id": student,
                "session_id": f"{student} {(self.now - ago).date()}",
                "context": {"course_id": COURSE, **more.get("context", {})},
                "payload": more.get("payload", {}),
            }
            for student, kind, ago, more in lines
        ]
        receipt = self.sender.send(*events)
        assert receipt["accepted"] == len(events), receipt


def lesson(student: str, ago: timedelta) -> tuple[str, str, timedelta, dict[str, Any]]:
    return student, "lesson_start", ago, {"context": {"lesson_id": "l1"}}


def submit(student: str, ago: timedelta, score: float, attempt: int = 1) -> Any:
    payload = {"score": score, "attempt": attempt}
    return student, "quiz_submit", ago, {"context": {"assessment_id": "q1"}, "payload": payload}


def half_an_hour(student: str, ago: timedelta) -> list[Any]:
    """A visit of six gaps of five minutes that ends so long ago."""
    return [
        (student, "lesson_start", ago + 5 * n * _MINUTE, {"context": {"lesson_id": "l1"}}) for n in range(7)
    ]


@pytest.fixture(scope="module")
def alerts(running_server: Platform) -> Iterator[Alerts]:
    """A class of which everybody but one has something that a teacher should know."""
    sender, now = running_server, datetime.now(UTC)
    sender.agree(*STUDENTS)
    due = (now - 2 * _HOUR).isoformat()
    quiz = {"assessment_id": "q1", "due_at": due}
    course = {
        "course_id": COURSE,
        "lessons": [{"lesson_id": f"l{n}"} for n in range(9)],
        "assessments": [quiz],
    }
    sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    with open_pool(owner_dsn(sender.data), 1, role=SERVICE) as pool:
        kept = Alerts(sender, PostgresAlerts(pool, pool), now)
        kept.send(
            *((student, "course_enroll", 60 * _DAY, {}) for student in STUDENTS),
            *(lesson(SILENT, day * _DAY) for day in range(9, 20)),
            *(line for week in range(1, 5) for line in half_an_hour(FALLING, (7 * week + 1) * _DAY)),
            # The class goes on: in one that rests, nobody's week is a sudden drop.
            *(
                line
                for student in (LATE, FAILING, WELL)
                for week in range(5)
                for line in half_an_hour(student, (7 * week + 1) * _DAY)
            ),
            *(submit(student, 3 * _HOUR, 90) for student in (FALLING, WELL)),
            submit(FAILING, 3 * _HOUR, 20),
        )
        sender.settle()
        # What is said of a class is kept for minutes. A change of the course has it read again, now whole.
        sender.http.put("/v1/roster/courses", json=[course | {"title": "Alerts"}]).raise_for_status()
        yield kept


def test_who_does_well_is_told_of_by_no_rule(alerts: Alerts) -> None:
    wait_until(lambda: len(alerts.of("struggling")) > 0)
    told = {
        rule: alerts.about(rule, WELL) for rule in ("inactive", "missed_due", "sudden_drop", "struggling")
    }
    assert not any(told.values()), told


def test_a_silent_student_is_told_of_until_they_come_back(alerts: Alerts) -> None:
    wait_until(lambda: len(alerts.about("inactive", SILENT)) == 1)
    [alert] = alerts.about("inactive", SILENT)
    assert alert.values == {"since_at": to_micros(alerts.now - 9 * _DAY), "usual_days": 1.0}
    # A device whose clock is an hour slow.
    alerts.send(lesson(SILENT, _HOUR))
    wait_until(lambda: not alerts.about("inactive", SILENT))


def test_a_missed_due_date_is_told_of_until_work_comes_in_that_was_handed_in_in_time(alerts: Alerts) -> None:
    wait_until(lambda: len(alerts.about("missed_due", LATE)) == 1)
    assert alerts.about("missed_due", LATE)[0].item == "q1"
    alerts.send(submit(LATE, 20 * _HOUR, 95))
    wait_until(lambda: not alerts.about("missed_due", LATE))


def test_a_sudden_drop_is_told_of_until_the_week_is_as_usual(alerts: Alerts) -> None:
    wait_until(lambda: len(alerts.about("sudden_drop", FALLING)) == 1)
    assert alerts.about("sudden_drop", FALLING)[0].values == {"week_s": 0, "usual_s": 1800}
    alerts.send(*half_an_hour(FALLING, timedelta(0)))
    wait_until(lambda: not alerts.about("sudden_drop", FALLING))


def test_a_better_score_changes_the_bucket_and_clears_the_alert_at_once(alerts: Alerts) -> None:
    wait_until(lambda: len(alerts.about("struggling", FAILING)) == 1)
    assert alerts.about("struggling", FAILING)[0].values == {"points": 25, "reasons": "low_scores"}
    alerts.send(submit(FAILING, timedelta(0), 100, attempt=2))
    wait_until(lambda: not alerts.about("struggling", FAILING))
    [row] = alerts.sender.metric("student_risk", student=FAILING, course=COURSE)
    assert row["bucket"] != "struggling"
