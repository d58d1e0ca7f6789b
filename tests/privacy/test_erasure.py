"""Erasing a student on a running server: what is left, what the class sees, and what a crash does to it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.import_notes import ImportNotes
from coursepulse.store.presence import find
from tests.privacy.dead_letters import MARK, write_dead_letters
from tests.privacy.imported import QUIZ, confirmed, write_notes
from tests.privacy.traces import find_traces, pseudonym_of
from tests.support.browsing import sign_in
from tests.support.pages import study
from tests.support.server import Platform, platform, wait_until

pytestmark = pytest.mark.slow

COURSE = "pages-101"
GONE, NAME, MAIL = "zz-gone-4711", "Zephyrine Quastel", "zephyrine@quastel.example"
STAY = tuple(f"stays-{number}" for number in range(6))
TEXTS = (GONE, NAME, MAIL)
PASSWORD = "a password of the tests"


def fill(sender: Platform) -> None:
    """A class of seven, a refused event, and an empty-handed person on the roster."""
    people = [{"external_id": GONE, "name": NAME, "email": MAIL, "time_zone": "Europe/Rome"}]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    lessons = [{"lesson_id": "l1"}, {"lesson_id": "l2"}]
    sender.http.put("/v1/roster/courses", json=[{"course_id": COURSE, "lessons": lessons}]).raise_for_status()
    sender.agree(GONE, *STAY)
    sender.send(*(event for number, student in enumerate((GONE, *STAY)) for event in study(student, number)))
    refused = {"event_id": f"{GONE}-odd", "event_type": "no_such_type", "timestamp": "2026-01-01T00:00:00Z"}
    receipt = sender.send(refused | {"student_id": GONE, "payload": {"note": f"from {MAIL}"}})
    assert receipt["rejected"]
    sender.settle()
    wait_until(lambda: is_complete(sender))


def be_looked_at(sender: Platform) -> str:
    """The student has an account, and somebody opens the record for a reason that names the student; then the trail
    is searched for that name. Returns what the trail says about the look.
    """
    roles = {GONE: "student", "tina": "instructor"}
    for name, role in roles.items():
        account = {"login_name": name, "role": role, "password": PASSWORD}
        account |= {"person": GONE, "reason": "The student asked for it."} if role == "student" else {}
        sender.http.post("/v1/accounts", json=account).raise_for_status()
    with closing(sign_in(sender.server.url, "tina", PASSWORD)) as http:
        wish = {"student": GONE, "reason": f"{NAME}'s parents asked."}
        assert http.post("/v1/break-glass", json=wish).status_code == 201
        http.get("/v1/metrics/student_summary", params={"student": GONE}).raise_for_status()
    for text in (NAME, GONE):
        sender.http.get("/v1/audit", params={"text": text, "actor": text}).raise_for_status()
    return look_of(sender)


def look_of(sender: Platform) -> str:
    """Why tina looked, as auditors read it."""
    found = sender.http.get("/v1/audit", params={"tag": "metrics:student:read"}).raise_for_status().json()
    (purpose,) = {entry["purpose"] for entry in found["entries"] if entry["role"] == "instructor"}
    return str(purpose)


def is_complete(sender: Platform) -> bool:
    """Whether the rollups that follow at their own pace know the class, its lessons and its videos."""
    row = sender.metric("course_summary", course=COURSE)[0]
    known = row["completion_pct"] is not None and row["watched_pct"] is not None
    return bool(
        known and row["learners_enrolled"] == 1 + len(STAY) and sender.metric("course_lessons", course=COURSE)
    )


def erase(sender: Platform, **wish: Any) -> dict[str, Any]:
    """Ask for it and wait for the receipt."""
    asked = sender.http.post("/v1/privacy/erasures", json={"student": GONE} | wish)
    assert asked.status_code == 202
    return finish(sender, asked.json()["request_id"])


def finish(sender: Platform, number: str) -> dict[str, Any]:
    wait_until(lambda: request(sender, number)["state"] == "done", 60)
    return request(sender, number)


def request(sender: Platform, number: str) -> dict[str, Any]:
    found: dict[str, Any] = sender.http.get(f"/v1/privacy/requests/{number}").raise_for_status().json()
    return found


def totals(sender: Platform) -> dict[str, Any]:
    """What the class adds up to, without who is who."""
    names = ("course_summary", "course_daily", "course_lessons", "course_videos", "course_assessments")
    asked = {name: sender.metric(name, course=COURSE) for name in names}
    asked["platform_summary"] = sender.metric("platform_summary")
    return {name: [rounded(row) for row in rows] for name, rows in asked.items()}


def rounded(row: dict[str, Any]) -> dict[str, Any]:
    """Sums of floats depend on the order of the students, which a new id changes."""
    return {key: round(value, 9) if isinstance(value, float) else value for key, value in row.items()}


def test_anonymised_leaves_no_trace_and_the_totals(tmp_path: Path) -> None:
    with platform(tmp_path, embed_origins="https://lms.example") as sender:
        fill(sender)
        assert f"{NAME}'s parents asked." in be_looked_at(sender)
        shaped = write_dead_letters(tmp_path, NAME, MAIL, GONE)
        notes = ImportNotes(tmp_path / "imports", Pseudonyms((tmp_path / "pseudonym.key").read_bytes()))
        write_notes(tmp_path / "files", notes, GONE, *STAY)
        before, pseudonym = totals(sender), pseudonym_of(tmp_path, GONE)
        frame = (
            sender.http.post("/v1/embed-tokens", json={"student_id": GONE}).raise_for_status().json()["url"]
        )
        assert httpx.get(frame).status_code == 200
        done = erase(sender)
        assert httpx.get(frame).status_code == 403
        assert look_of(sender) == "Opened record 2. “removed with the erased record”"
        assert totals(sender) == before
        assert sender.metric("student_courses", student=GONE) == []
        lines = {line["store"]: line["rows"] for line in done["receipt"]}
        assert lines["PostgreSQL student_activity_events"] == 8
        assert lines["ClickHouse events"] == 8
        assert lines["event log"] == 8
        assert lines["dead letters"] == 1 + shaped
        left = sender.http.get("/v1/dead-letters").raise_for_status().json()["letters"]
        assert [dead_letter["event_id"] for dead_letter in left] == ["stays"]
        assert lines["PostgreSQL people"] == 1
        assert lines["import notes"] == 2
        assert notes.load_site().marks.find(GONE, QUIZ) == {}
    assert confirmed(tmp_path / "imports", GONE) == []
    assert find_traces(tmp_path, pseudonym, *TEXTS, MARK) == []


@pytest.mark.long
def test_deleted_takes_exactly_its_share_even_after_a_crash(tmp_path: Path) -> None:
    with platform(tmp_path) as sender:
        fill(sender)
        pseudonym = pseudonym_of(tmp_path, GONE)
        before, share = totals(sender), own_share(sender)
    # The search itself: before an erasure it finds every name.
    found = " ".join(find_traces(tmp_path, pseudonym, *TEXTS))
    for place in (*TEXTS, "pseudonym in log block", "events student_id 8", "pseudonym in postgres/"):
        assert place in found, place
    with platform(tmp_path) as sender:
        asked = sender.http.post("/v1/privacy/erasures", json={"student": GONE, "mode": "delete"}).json()
        wait_until(lambda: len(request(sender, asked["request_id"])["receipt"]) > 3)
        server = find(tmp_path)
        assert server
        os.kill(server.pid, signal.SIGKILL)
    with platform(tmp_path) as sender:
        done = finish(sender, asked["request_id"])
        after = totals(sender)
        assert {line["store"] for line in done["receipt"]} >= {
            "event log",
            "PostgreSQL files",
            "ClickHouse events",
        }
        assert (
            after["course_summary"][0]["learners_enrolled"]
            == before["course_summary"][0]["learners_enrolled"] - 1
        )
        spent = before["course_summary"][0]["time_spent"] - after["course_summary"][0]["time_spent"]
        assert spent == pytest.approx(share)
        platform_before, platform_after = before["platform_summary"][0], after["platform_summary"][0]
        assert platform_after["active_learners"] == platform_before["active_learners"] - 1
    assert find_traces(tmp_path, pseudonym, *TEXTS) == []


def own_share(sender: Platform) -> float:
    """Seconds on task of the student who goes."""
    rows = sender.metric("course_students", course=COURSE)
    return next(float(row["time_spent"]) for row in rows if row["name"] == NAME)


def test_old_consents_hold_no_more_and_essential_events_begin_a_new_record(running_server: Platform) -> None:
    sender, earlier = running_server, (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    row = {"external_id": GONE, "purpose": "analytics", "granted": True, "at": earlier}
    fill(sender)
    erase(sender)
    sender.http.put("/v1/consents", json=[row]).raise_for_status()
    time.sleep(1)
    again = [event | {"event_id": f"again-{event['event_id']}"} for event in study(GONE, 3)]
    refused = {each["reason"] for each in sender.send(*again)["rejected"]}
    assert refused == {"no_consent"}
    sender.settle()
    assert len(sender.metric("student_assessments", student=GONE)) == 1
    sender.agree(GONE, "twin")
    twin = [
        event | {"event_id": f"twin-{event['event_id']}", "student_id": "twin"} for event in study(GONE, 3)
    ]
    assert not sender.send(*again, *twin)["rejected"]
    sender.settle()
    # What was erased is not in the new record either: not even the minutes before, of a session that went on.
    assert time_spent(sender, GONE) == time_spent(sender, "twin") > 0


def time_spent(sender: Platform, student: str) -> float:
    return float(sender.metric("student_summary", student=student)[0]["time_spent"])


def test_nobody_learns_whether_a_student_exists(running_server: Platform) -> None:
    asked = running_server.http.post("/v1/privacy/erasures", json={"student": "never-seen"}).json()
    done = finish(running_server, asked["request_id"])
    changed = {line["store"]: line["rows"] for line in done["receipt"] if line["rows"]}
    # That nobody of this name agrees any more is noted for anybody, known or not.
    assert {store for store in changed if "files" not in store and "log" not in store} <= {
        "ClickHouse not_agreed"
    }


def test_requests_that_make_no_sense_are_refused(running_server: Platform) -> None:
    unknown = running_server.http.get("/v1/privacy/requests/00000000-0000-4000-8000-000000000000")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown_request")
    wrong = running_server.http.post("/v1/privacy/erasures", json={"student": GONE, "mode": "shred"})
    assert (wrong.status_code, wrong.json()["code"]) == (400, "invalid_request")
