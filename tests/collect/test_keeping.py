"""What may be kept of refused events, by what their students agreed to. ann agreed to analytics, ben did not."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from coursepulse.events.reasons import REASON_ALONE, SAYABLE, RejectionReason
from tests.collect.harness import CollectorHarness, collector_harness, event
from tests.collect.test_dead_letters import dead_letters

LINES = "application/x-ndjson"


def broken(student: str, **changes: object) -> str:
    """An event that is no JSON, though its student can be read."""
    return json.dumps(event(student_id=student, **changes)).replace('"payload": {}', '"payload": {"x": NaN}')


@pytest.mark.parametrize(
    "sent",
    [
        broken("ben"),
        broken("ben")[:-9],
        json.dumps(event(student_id="ben", event_type="nonsense")),
        json.dumps(event(student_id="ben", timestamp="2031-01-01T00:00:00Z")),
        json.dumps(event(student_id="ben", session_id=17)),
        json.dumps(event(student_id="ben", payload={"student_id": "ann"}, session_id=17)),
        json.dumps(event(payload={"student_id": "ben"}, session_id=17)),
        json.dumps(event(student_id="b\u00ebn", session_id=17)),
        json.dumps(event(student_id=17, session_id=17)),
        json.dumps(event(student_id="ben")).replace('"payload": {}', '"payload": ' + "[" * 3000),
        '{"student_id"  :\n "ben", "event_type": "lesson_start',
        json.dumps(event(event_id="ben-1", student_id="ben"))[:-1].replace("student_id", "student\\u005fid"),
        broken("ann").replace('"session_id"', '"\\u0073tudent_id": "ben", "session_id"'),
        broken("ben", event_type="quiz_submit").replace(
            '"session_id"', '"event\\u005Ftype": "x", "session_id"'
        ),
    ],
)
def test_nothing_is_kept_of_whom_has_not_agreed(collector: CollectorHarness, sent: str) -> None:
    receipt = collector.post(sent.replace("\n", " "), content_type=LINES).json()
    assert len(receipt["rejected"]) == 1
    assert dead_letters(collector) == []


@pytest.mark.parametrize("student", ["ann", "ben"])
def test_what_rests_on_contract_is_kept_as_it_was_sent(collector: CollectorHarness, student: str) -> None:
    sent = broken(student, event_type="quiz_submit")
    collector.post(sent, content_type=LINES)
    assert [dead_letter["body"] for dead_letter in dead_letters(collector)] == [sent]


def test_a_second_type_makes_nothing_essential(collector: CollectorHarness) -> None:
    sent = broken("ben").replace('"session_id"', '"event_type": "quiz_submit", "session_id"')
    collector.post(sent, content_type=LINES)
    assert dead_letters(collector) == []


@pytest.mark.parametrize(
    "sent",
    [
        "Ben was here",
        '{"student_id": "be',
        '{"event_id": "ben-1", "actor": {"mbox": "mailto:ben@example.org"}}',
        json.dumps(event(event_id="ben-1", student_id=None)),
        json.dumps(event(event_id="ben-1", student_id=["ben"])),
    ],
)
def test_of_somebody_whom_nobody_can_name_only_that_it_came_and_why_it_was_refused(
    collector: CollectorHarness, sent: str
) -> None:
    collector.post(sent, content_type=LINES)
    (dead_letter,) = dead_letters(collector)
    assert (dead_letter["event_id"], dead_letter["body"], dead_letter["path"]) == (None, "", "$")
    assert "ben" not in json.dumps(dead_letter).lower()
    assert dead_letter["sentence"]


QUOTING = {
    "malformed": "Ben was here",
    "unknown_event_type": json.dumps(event(student_id=None, event_type="ben_smiled")),
    "invalid_value": json.dumps(event(student_id=["ben"], timestamp="Ben's birthday")),
    "missing_field": json.dumps(event(student_id=None)),
}


@pytest.mark.parametrize("sent", QUOTING.values(), ids=QUOTING.keys())
def test_a_sentence_without_its_event_is_ours_alone(collector: CollectorHarness, sent: str) -> None:
    collector.post(sent, content_type=LINES)
    (dead_letter,) = dead_letters(collector)
    assert (dead_letter["body"], dead_letter["sentence"]) == (
        "",
        REASON_ALONE[RejectionReason(dead_letter["reason"])],
    )


@pytest.mark.parametrize("reason", sorted(SAYABLE))
def test_what_a_sender_says_of_somebody_unnamed_is_not_kept(
    collector: CollectorHarness, reason: RejectionReason
) -> None:
    said = {"reason": reason, "path": "$.ben@example.org", "sentence": "Ben Smith was refused."}
    row = said | {"place": "line 1 of a.log", "body": '{"username": "ben"'}
    assert collector.http.post("/v1/dead-letters", json=[row]).status_code == 204
    (dead_letter,) = dead_letters(collector)
    assert "ben" not in json.dumps(dead_letter).lower()
    assert dead_letter["sentence"] == REASON_ALONE[reason]


def test_nothing_of_a_replayed_event_is_quoted_any_more(collector: CollectorHarness, tmp_path: Path) -> None:
    collector.post(json.dumps(event(event_type="ann_smiled")))
    [dead_letter] = dead_letters(collector)
    collector.http.put(
        f"/v1/dead-letters/{dead_letter['id']}", content=json.dumps(event())
    ).raise_for_status()
    replayed = collector.http.post("/v1/dead-letters/replay", json={}).raise_for_status().json()
    assert replayed["accepted"] == 1
    with sqlite3.connect(tmp_path / "dead_letters.sqlite") as db:
        assert db.execute("SELECT path, sentence FROM letters").fetchall() == [("$", "")]


def test_a_browser_that_opts_out_in_a_broken_event_is_heard(tmp_path: Path) -> None:
    with collector_harness(tmp_path, honour_gpc="on") as collector:
        collector.post(broken("ann", opted_out=True), content_type=LINES)
        assert dead_letters(collector) == []
        collector.post(broken("ann", opted_out=False), content_type=LINES)
        assert len(dead_letters(collector)) == 1


def test_a_record_of_another_system_is_kept_by_its_place(collector: CollectorHarness) -> None:
    row = {"place": "line 7 of a.log", "reason": "malformed", "path": "$.x", "sentence": "Half a line."}
    bodies = ['{"username": "ben"', broken("ben"), broken("ann")]
    rows = [row | {"place": f"line {n} of a.log", "body": body} for n, body in enumerate(bodies)]
    for _ in range(2):
        assert collector.http.post("/v1/dead-letters", json=rows).status_code == 204
    kept = {dead_letter["event_id"]: dead_letter["body"] for dead_letter in dead_letters(collector)}
    assert kept == {"line 0 of a.log": "", "line 2 of a.log": bodies[2]}
    paths = {
        dead_letter["event_id"]: (dead_letter["path"], dead_letter["sentence"])
        for dead_letter in dead_letters(collector)
    }
    assert paths["line 2 of a.log"] == ("$.x", "Half a line.")
    assert paths["line 0 of a.log"] == ("$", "It could not be read as an event.")


def test_escapes_hide_nobody_in_what_is_mended(collector: CollectorHarness) -> None:
    collector.post(json.dumps(event(session_id=17)))
    [dead_letter] = dead_letters(collector)
    hidden = json.dumps(event(student_id="ben")).replace("student_id", "student\\u005fid")
    answer = collector.http.put(f"/v1/dead-letters/{dead_letter['id']}", content=hidden)
    assert answer.json()["code"] == "no_consent"
