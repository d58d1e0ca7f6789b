"""A consent that is taken back takes a student out of every number about behaviour; what rests on contract stays."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.pages import study
from tests.support.server import Platform, platform, wait_until

COURSE = "consent-101"
BOTH = ("consent-a", "consent-b")


def decide(sender: Platform, student: str, *, granted: bool, purpose: str = "analytics") -> None:
    row = {
        "external_id": student,
        "purpose": purpose,
        "granted": granted,
        "at": datetime.now(UTC).isoformat(),
    }
    sender.http.put("/v1/consents", json=[row]).raise_for_status()


def names(sender: Platform) -> int:
    return len(sender.metric("course_students", course=COURSE))


def by_type(sender: Platform) -> dict[str, int]:
    return {row["event_type"]: row["events"] for row in sender.metric("events_by_type", course=COURSE)}


def summary(sender: Platform) -> dict[str, Any]:
    return sender.metric("course_summary", course=COURSE)[0]


def test_a_withdrawn_consent_leaves_the_numbers(running_server: Platform) -> None:
    sender = running_server
    sender.agree(*BOTH)
    sender.send(*(event for student in BOTH for event in study(student, 0, COURSE)))
    sender.settle()
    wait_until(lambda: names(sender) == 2)
    before = summary(sender)
    graded = sender.metric("course_assessments", course=COURSE)
    stored = by_type(sender)

    decide(sender, BOTH[0], granted=False)
    wait_until(
        lambda: names(sender) == 1, 10
    )  # half a second at rest; `coursepulse bench consent` measures it
    after = summary(sender)
    assert (after["learners_enrolled"], after["active_learners"]) == (2, 1)
    assert after["time_spent"] == before["time_spent"] / 2
    assert sender.metric("course_videos", course=COURSE)[0]["viewers"] == 1
    assert sender.metric("course_assessments", course=COURSE) == graded
    left = by_type(sender)
    assert left["lesson_start"] == stored["lesson_start"] / 2
    assert left["course_enroll"] == stored["course_enroll"]
    assert sender.metric("student_activity", student=BOTH[0]) == []
    assert sender.metric("student_risk", student=BOTH[0]) == []
    assert sender.metric("student_assessments", student=BOTH[0]) != []

    decide(sender, BOTH[0], granted=True)
    wait_until(lambda: names(sender) == 2, 10)
    assert summary(sender) == before


def test_suggestions_need_analytics_too(running_server: Platform) -> None:
    sender, student, course = running_server, "consent-c", "consent-103"
    sender.agree(student)
    decide(sender, student, granted=True, purpose="personalisation")
    begun = study(student, 0, course)
    context = begun[1]["context"] | {"lesson_id": "l2"}
    sender.send(*begun, begun[1] | {"event_id": "consent-c-l2", "context": context})
    sender.settle()
    assert [row["advice"] for row in sender.metric("student_steps", student=student)] == ["go_on"]

    decide(sender, student, granted=False)
    wait_until(lambda: sender.metric("student_steps", student=student) == [], 10)


def test_who_never_agreed_counts_only_as_enrolled(running_server: Platform) -> None:
    sender, course = running_server, "consent-102"
    receipt = sender.send(*study("consent-never", 0, course))
    assert {each["reason"] for each in receipt["rejected"]} == {"no_consent"}
    sender.settle()
    row = sender.metric("course_summary", course=course)[0]
    assert (row["learners_enrolled"], row["active_learners"], row["time_spent"]) == (1, 0, 0)
    assert row["learners_agreed"] == 0
    assert sender.metric("course_students", course=course) == []


@pytest.fixture(scope="module")
def honouring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A server that takes a browser at its word."""
    with platform(tmp_path_factory.mktemp("honouring"), honour_gpc="on") as sender:
        yield sender


def test_a_browser_that_opts_out_is_not_tracked(honouring: Platform) -> None:
    sender = honouring
    sender.agree("gpc")
    for header in ("Sec-GPC", "DNT"):
        sender.http.headers[header] = "1"
        refused = {each["reason"] for each in sender.send(*study("gpc", 0))["rejected"]}
        assert refused == {"no_consent"}
        broken = {"event_type": "lesson_start", "student_id": "gpc"}
        assert sender.send(broken)["rejected"][0]["reason"] == "missing_field"
        del sender.http.headers[header]
    # Replayed, it would no longer say that the browser had opted out.
    assert sender.http.get("/v1/dead-letters").raise_for_status().json()["letters"] == []
    assert sender.send(*study("gpc", 0))["rejected"] == []


def test_a_back_end_passes_on_who_opted_out(honouring: Platform) -> None:
    """Event by event: neighbours of the same student count, and what rests on contract does."""
    sender = honouring
    sender.agree("forwarded")
    steps = study("forwarded", 0)
    video, essential = [1, 2, 3], [4, 7]
    marked = [
        event | {"opted_out": True} if number in (*video, *essential) else event | {"opted_out": False}
        for number, event in enumerate(steps)
    ]
    receipt = sender.send(*marked)
    refused = [(each["index"], each["reason"], each["path"]) for each in receipt["rejected"]]
    assert refused == [(number, "no_consent", "$.opted_out") for number in video]
    assert receipt["accepted"] == len(steps) - len(video)
    assert receipt["dropped_fields"] == {}
    assert sender.send(*steps)["rejected"] == []


def test_without_the_setting_an_opt_out_changes_nothing(running_server: Platform) -> None:
    running_server.agree("not-honoured")
    events = [event | {"opted_out": True} for event in study("not-honoured", 0, "consent-104")]
    assert running_server.send(*events)["rejected"] == []


def test_an_opt_out_that_is_no_yes_or_no_is_refused(running_server: Platform) -> None:
    [event, *_] = study("not-a-flag", 0, "consent-104")
    [refused] = running_server.send(event | {"opted_out": "maybe"})["rejected"]
    assert (refused["reason"], refused["path"]) == ("invalid_value", "$.opted_out")
