"""Refused events are kept, listed, fixed and replayed."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from coursepulse.collect.dead_letters import MOST_BYTES, SqliteDeadLetterQueue
from coursepulse.collect.keys import PIPELINE_SOURCE, open_keys
from coursepulse.collect.poison import event_of_dead_letter, to_dead_letter
from coursepulse.events.event import Event
from coursepulse.events.reasons import Rejected, RejectionReason
from coursepulse.kit.clock import DAY
from coursepulse.kit.errors import LogFull, SettingError
from coursepulse.kit.ids import to_text
from coursepulse.kit.settings import Settings
from coursepulse.privacy.consent import ConsentDecision, Purpose
from tests.collect.harness import CollectorHarness, event, micros


def dead_letters(collector: CollectorHarness, key: str = "sender", **wish: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = collector.http.get("/v1/dead-letters", params=wish, headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["letters"]
    return found


def replay(collector: CollectorHarness, key: str = "sender", **choice: Any) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    answer = collector.http.post("/v1/dead-letters/replay", json=choice, headers=headers)
    assert answer.status_code == 200, answer.text
    outcome: dict[str, Any] = answer.json()
    return outcome


def fix(collector: CollectorHarness, dead_letter: int, changed: Any, key: str = "sender") -> int:
    return mend(collector, dead_letter, changed, key).status_code


def mend(collector: CollectorHarness, dead_letter: int, changed: Any, key: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {key}"}
    return collector.http.put(f"/v1/dead-letters/{dead_letter}", content=json.dumps(changed), headers=headers)


def refused(number: int, reason: RejectionReason = RejectionReason.MALFORMED) -> Rejected:
    return Rejected(0, f"e-{number}", reason, "$", "It is broken.", b"{")


def test_a_refused_event_is_kept_as_it_was_sent(collector: CollectorHarness) -> None:
    collector.send(event(), event(event_id="e-2", event_type="nonsense", payload={"odd": [1, 2]}))
    (dead_letter,) = dead_letters(collector)
    assert json.loads(dead_letter.pop("body")) == event(
        event_id="e-2", event_type="nonsense", payload={"odd": [1, 2]}
    )
    assert dead_letter.pop("id") > 0
    assert dead_letter == {
        "received_at": "2026-03-02T12:00:00Z",
        "source": "sender",
        "reason": "unknown_event_type",
        "event_id": "e-2",
        "path": "$.event_type",
        "sentence": "`nonsense` is not an event type; see docs/reference/events.md, or prefix your own with x_.",
    }


def test_dead_letters_are_listed_newest_first_by_reason_and_with_a_limit(collector: CollectorHarness) -> None:
    for number in range(5):
        collector.send(
            event(event_id=f"type-{number}", event_type="nonsense"),
            event(event_id=f"time-{number}", timestamp="x"),
        )
    assert [each["event_id"] for each in dead_letters(collector, limit=3)] == ["time-4", "type-4", "time-3"]
    only = dead_letters(collector, reason="unknown_event_type", limit=2)
    assert [each["event_id"] for each in only] == ["type-4", "type-3"]
    assert collector.http.get("/v1/dead-letters").json()["waiting"] == {
        "unknown_event_type": 5,
        "invalid_value": 5,
    }


@pytest.mark.parametrize(
    ("name", "value"), [("limit", "0"), ("limit", "1001"), ("limit", "x"), ("reason", "x")]
)
def test_a_listing_that_cannot_be(collector: CollectorHarness, name: str, value: str) -> None:
    answer = collector.http.get("/v1/dead-letters", params={name: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert answer.json()["path"] == f"$.{name}"


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("PUT", "/1"), ("POST", "/replay")])
def test_dead_letters_need_the_key_of_a_sender(collector: CollectorHarness, method: str, path: str) -> None:
    for key, status in (("", 401), ("wrong", 403), ("reader", 403)):
        headers = {"Authorization": f"Bearer {key}".strip()}
        answer = collector.http.request(method, f"/v1/dead-letters{path}", json={}, headers=headers)
        assert answer.status_code == status, answer.text


def test_a_key_sees_the_dead_letters_of_its_own_events(collector: CollectorHarness) -> None:
    collector.send(event(event_id="s-1", event_type="nonsense"))
    collector.send(event(event_id="i-1", timestamp="x"), key="importer")
    collector.dead_letters.put([refused(1, RejectionReason.UNSTORABLE)], collector.now, "pipeline")
    seen = {
        key: [each["source"] for each in dead_letters(collector, key)]
        for key in ("sender", "importer", "local")
    }
    assert seen == {
        "sender": ["sender"],
        "importer": ["importer"],
        "local": ["pipeline", "importer", "sender"],
    }
    assert collector.http.get("/v1/dead-letters").json()["waiting"] == {"unknown_event_type": 1}


def test_a_dead_letter_of_another_key_is_as_one_that_is_not_there(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    others, nobodys = (mend(collector, number, event(), "importer") for number in (dead_letter["id"], 12345))
    assert (others.status_code, nobodys.status_code) == (404, 404)
    assert others.text.replace(str(dead_letter["id"]), "N") == nobodys.text.replace("12345", "N")
    for choice in ({"ids": [dead_letter["id"]]}, {"ids": [12345]}, {"reason": "unknown_event_type"}, {}):
        assert replay(collector, key="importer", **choice) == {"accepted": 0, "rejected": []}
    assert dead_letters(collector) == [dead_letter]
    assert collector.stored() == []


def test_the_key_of_the_machine_mends_and_replays_for_every_sender(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    assert fix(collector, dead_letter["id"], event(), key="local") == 204
    assert replay(collector, key="local", ids=[dead_letter["id"]])["accepted"] == 1


def test_a_fixed_dead_letter_is_accepted_and_waits_no_longer(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    assert fix(collector, dead_letter["id"], event()) == 204
    assert replay(collector, ids=[dead_letter["id"]]) == {"accepted": 1, "rejected": []}
    assert dead_letters(collector) == []
    assert [kept.event_type for kept in collector.stored()] == ["lesson_start"]
    assert replay(collector) == {"accepted": 0, "rejected": []}


def test_a_dead_letter_that_is_still_wrong_waits_on_with_the_new_reason(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    fix(collector, dead_letter["id"], event(student_id=None))
    outcome = replay(collector)
    assert outcome["accepted"] == 0
    assert outcome["rejected"][0]["id"] == dead_letter["id"]
    (again,) = dead_letters(collector)
    assert (again["id"], again["reason"], again["path"]) == (
        dead_letter["id"],
        "missing_field",
        "$.student_id",
    )


def test_replay_by_reason_leaves_the_others_alone(collector: CollectorHarness) -> None:
    collector.send(event(event_id="old", timestamp="2020-01-01T00:00:00Z"), event(event_type="nonsense"))
    assert replay(collector, reason="timestamp_too_old")["accepted"] == 0
    assert replay(collector, key="local", reason="timestamp_too_old")["accepted"] == 1
    assert [each["reason"] for each in dead_letters(collector)] == ["unknown_event_type"]


def test_a_dead_letter_without_consent_is_forgotten(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    fix(collector, dead_letter["id"], event())
    collector.consents.apply([ConsentDecision(collector.names.of("ann"), Purpose.ANALYTICS, granted=False)])
    assert replay(collector)["rejected"][0]["reason"] == "no_consent"
    assert dead_letters(collector) == []
    assert b"ann" not in repr(collector.dead_letters.newest()).encode()


def test_a_dead_letter_is_not_mended_into_one_of_a_student_without_consent(
    collector: CollectorHarness,
) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    answer = mend(collector, dead_letter["id"], event(student_id="ben"), "sender")
    assert (answer.status_code, answer.json()["code"]) == (403, "no_consent")
    assert dead_letters(collector) == [dead_letter]
    assert fix(collector, dead_letter["id"], event(student_id="ben", event_type="lesson_complete")) == 204


def test_replaying_many_dead_letters_at_once(collector: CollectorHarness) -> None:
    collector.send(*(event(event_id=f"e-{n}", timestamp="2020-01-01T00:00:00Z") for n in range(700)))
    assert replay(collector, key="local") == {"accepted": 700, "rejected": []}
    assert len({kept.event_id for kept in collector.stored()}) == 700
    assert dead_letters(collector) == []


@pytest.mark.parametrize(("body", "code"), [(b"{", "not_json"), (b"", "not_json"), (b"\xff", "not_json")])
def test_a_fix_must_be_json(collector: CollectorHarness, body: bytes, code: str) -> None:
    answer = collector.http.put("/v1/dead-letters/1", content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)


def test_a_fix_of_nothing_and_a_fix_too_large(collector: CollectorHarness) -> None:
    assert fix(collector, 12345, {}) == 404
    assert fix(collector, 1, "x" * MOST_BYTES) == 413


@pytest.mark.parametrize("changed", [[], "text", 17, None])
def test_a_fix_that_is_no_event_is_refused(collector: CollectorHarness, changed: Any) -> None:
    collector.send(event(event_type="nonsense"))
    (dead_letter,) = dead_letters(collector)
    answer = collector.http.put(f"/v1/dead-letters/{dead_letter['id']}", content=json.dumps(changed))
    assert (answer.status_code, answer.json()["code"]) == (400, "not_an_event")
    assert dead_letters(collector) == [dead_letter]


def test_ids_and_a_reason_are_not_given_together(collector: CollectorHarness) -> None:
    answer = collector.http.post("/v1/dead-letters/replay", json={"ids": [1], "reason": "malformed"})
    assert (answer.status_code, answer.json()["sentence"]) == (400, "Send `ids` or `reason`, not both.")


def test_an_event_that_no_store_takes_can_be_mended_and_replayed(collector: CollectorHarness) -> None:
    collector.send(event())
    (kept,) = collector.stored()
    collector.dead_letters.put([to_dead_letter(kept, "PostgreSQL refuses it.")], collector.now, "pipeline")
    (dead_letter,) = dead_letters(collector, key="local")
    assert (dead_letter["reason"], dead_letter["source"]) == ("unstorable", "pipeline")
    fix(
        collector,
        dead_letter["id"],
        {**json.loads(dead_letter["body"]), "course_id": "geometry"},
        key="local",
    )
    assert replay(collector, key="local")["accepted"] == 1
    assert collector.stored()[1] == msgspec.structs.replace(kept, course_id="geometry")


@pytest.mark.parametrize("change", [{"at": "noon"}, {"more": 1}, {"event_type": None}])
def test_a_buried_event_that_was_mended_into_something_else_waits_on(
    collector: CollectorHarness, change: dict[str, Any]
) -> None:
    collector.send(event())
    buried = to_dead_letter(collector.stored()[0], "PostgreSQL refuses it.")
    collector.dead_letters.put([buried], collector.now, "pipeline")
    (dead_letter,) = dead_letters(collector, key="local")
    fix(collector, dead_letter["id"], {**json.loads(buried.body), **change}, key="local")
    assert replay(collector, key="local")["rejected"][0]["reason"] == "unstorable"
    assert len(dead_letters(collector, key="local")) == 1


@pytest.mark.parametrize("reason", ["unstorable", "no_consent", "overloaded"])
def test_no_sender_says_what_only_collector_and_pipeline_can_say(
    collector: CollectorHarness, reason: str
) -> None:
    row = {"place": "line 1", "reason": reason, "path": "$", "sentence": "Why.", "body": "{}"}
    answer = collector.http.post("/v1/dead-letters", json=[row | {"reason": "malformed"}, row])
    assert (answer.status_code, answer.json()["path"]) == (400, "$[1].reason")
    assert dead_letters(collector) == []


def test_more_records_than_one_request_may_bring_are_refused_before_any_is_kept(
    collector: CollectorHarness,
) -> None:
    row = {"place": "line 1", "reason": "malformed", "path": "$", "sentence": "Why.", "body": "{}"}
    answer = collector.http.post("/v1/dead-letters", json=[row | {"place": f"line {n}"} for n in range(1001)])
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")
    assert dead_letters(collector) == []


def test_a_dead_letter_of_a_key_goes_by_the_collector_whatever_its_reason_says(
    collector: CollectorHarness,
) -> None:
    collector.send(event())
    forged = msgspec.structs.replace(to_dead_letter(collector.stored()[0], "Why."), event_id="forged")
    collector.dead_letters.put([forged], collector.now, "sender")
    assert replay(collector)["rejected"][0]["reason"] == "invalid_value"
    assert len(collector.stored()) == 1


AHEAD = micros("2031-05-01T00:00:00Z")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"event_type": "hacked"}, "unknown_event_type"),
        ({"at": AHEAD}, "timestamp_in_future"),
        ({"received_at": AHEAD}, "timestamp_in_future"),
        ({"browser": "ann@example.org"}, "invalid_value"),
        ({"os": "ann@example.org"}, "invalid_value"),
        ({"device_type": "ann"}, "invalid_value"),
        ({"country": "xx"}, "invalid_value"),
        ({"ip": "192.0.2.7/32"}, "invalid_value"),
        ({"ip": "192.0.2.7"}, "invalid_value"),
        ({"payload": "a remark"}, "invalid_value"),
        ({"payload": '{"clicks": "a remark"}'}, "invalid_value"),
        ({"lesson_id": "x" * 129}, "unstorable"),
        ({"browser": "x" * 65}, "unstorable"),
        ({"score": 1e9}, "unstorable"),
        ({"student_id": "ann"}, "unstorable"),
    ],
)
def test_what_the_pipeline_refused_is_judged_again_however_it_was_mended(
    collector: CollectorHarness, change: dict[str, Any], reason: str
) -> None:
    collector.send(event())
    buried = to_dead_letter(collector.stored()[0], "PostgreSQL refuses it.")
    collector.dead_letters.put([buried], collector.now, "pipeline")
    (dead_letter,) = dead_letters(collector, key="local")
    assert fix(collector, dead_letter["id"], {**json.loads(buried.body), **change}, key="local") == 204
    for _ in range(2):  # a verdict does not make it one of the collector's dead letters
        assert replay(collector, key="local")["rejected"][0]["reason"] == reason
    assert len(collector.stored()) == 1
    assert fix(collector, dead_letter["id"], json.loads(buried.body), key="local") == 204
    assert replay(collector, key="local")["accepted"] == 1


def test_what_the_pipeline_refused_needs_the_consent_of_today(collector: CollectorHarness) -> None:
    collector.send(event(), event(event_id="e-2", event_type="lesson_complete"))
    collector.dead_letters.put(
        [to_dead_letter(kept, "PostgreSQL refuses it.") for kept in collector.stored()],
        collector.now,
        "pipeline",
    )
    collector.consents.apply([ConsentDecision(collector.names.of("ann"), Purpose.ANALYTICS, granted=False)])
    outcome = replay(collector, key="local")
    assert [each["reason"] for each in outcome["rejected"]] == ["no_consent"]
    assert outcome["accepted"] == 1  # rests on contract
    assert dead_letters(collector, key="local") == []


def test_of_a_payload_only_what_its_type_knows_goes_back(collector: CollectorHarness) -> None:
    collector.send(event(event_type="video_pause", payload={"current_time": 5}))
    (kept,) = collector.stored()
    collector.dead_letters.put([to_dead_letter(kept, "PostgreSQL refuses it.")], collector.now, "pipeline")
    (dead_letter,) = dead_letters(collector, key="local")
    mended = json.loads(dead_letter["body"]) | {
        "payload": '{"current_time": 7, "note": "a remark"}',
        "position": 99.0,
    }
    fix(collector, dead_letter["id"], mended, key="local")
    assert replay(collector, key="local")["accepted"] == 1
    again = collector.stored()[1]
    assert (again.payload, again.position) == (b'{"current_time":7.0}', 7.0)


def test_no_key_has_the_name_of_the_pipeline(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"pipeline": "a secret"}')
    with pytest.raises(SettingError, match="no key can be called pipeline"):
        open_keys(Settings(data=tmp_path))


def a_whole_event(student: bytes) -> Event:
    return Event(
        b"e" * 16, "video_pause", 5, student, b"v" * 16, "c", "l", "w", "", "mobile", "Android", "Chrome",
        "192.0.2.0/24", "", 6, b'{"current_time":1.0}', 1.0, 2.0, 3.0, 1.5, ((0.0, 1.0),), 50.0, True, 2, "q", False, 3,
    )  # fmt: skip


def test_a_dead_letter_gives_back_the_event_it_was_made_of() -> None:
    whole = a_whole_event(b"s" * 16)
    assert event_of_dead_letter(to_dead_letter(whole, "Why.").body) == whole


def test_dead_letters_without_consent_or_of_an_overload_are_never_kept(tmp_path: Path) -> None:
    store = SqliteDeadLetterQueue(tmp_path / "letters.sqlite")
    store.put([refused(1, RejectionReason.NO_CONSENT), refused(2, RejectionReason.OVERLOADED)], 1, "sender")
    assert store.newest() == []
    store.close()


def test_beyond_the_most_the_oldest_dead_letters_go_and_are_counted(tmp_path: Path) -> None:
    store = SqliteDeadLetterQueue(tmp_path / "letters.sqlite", most=3)
    for number in range(5):
        store.put([refused(number)], number, "sender")
    assert [dead_letter.event_id for dead_letter in store.newest()] == ["e-4", "e-3", "e-2"]
    assert store.overflowed() == 2
    store.close()


def test_no_sender_pushes_out_the_dead_letters_of_another(tmp_path: Path) -> None:
    store = SqliteDeadLetterQueue(tmp_path / "letters.sqlite", most=3)
    store.put([refused(100), refused(101)], 1, "quiet")
    for number in range(20):
        store.put([refused(number)], number, "loud")
    assert [dead_letter.event_id for dead_letter in store.newest(source="quiet")] == ["e-101", "e-100"]
    assert [dead_letter.event_id for dead_letter in store.newest(source="loud")] == ["e-19", "e-18", "e-17"]
    assert store.overflowed() == 17
    assert (store.overflowed("loud"), store.overflowed("quiet")) == (17, 0)
    store.close()


def test_a_key_learns_of_its_own_dead_letters_alone(collector: CollectorHarness, tmp_path: Path) -> None:
    for source in ("sender", "importer"):
        collector.dead_letters.put([refused(number) for number in range(3)], 1, source)
    with closing(SqliteDeadLetterQueue(tmp_path / "dead_letters.sqlite", most=1)) as narrow:
        narrow.put([refused(7)], 2, "sender")
    seen = {}
    for key in ("sender", "importer", "reader", "local"):
        headers = {"Authorization": f"Bearer {key}"}
        listed = collector.http.get("/v1/dead-letters", headers=headers)
        health = collector.http.get("/v1/health", headers=headers).json()["collector"]["dead_letters"]
        seen[key] = (health["overflowed"], sum(health["waiting"].values()))
        if key != "reader":
            told = listed.raise_for_status().json()
            assert (told["overflowed"], sum(told["waiting"].values())) == seen[key]
    assert seen == {"sender": (3, 1), "importer": (0, 3), "reader": (0, 0), "local": (3, 4)}


def test_entries_about_dead_letters_name_each_student_in_them(collector: CollectorHarness) -> None:
    ann, ben = (to_text(collector.names.of(name)) for name in ("ann", "ben"))
    collector.post(json.dumps(event(session_id=17)))
    collector.post(
        json.dumps(event(event_id="e-2", student_id="ben", event_type="quiz_submit", session_id=17))
    )
    collector.post("not json", content_type="application/x-ndjson")
    [_, _, first] = dead_letters(collector)
    collector.http.put(f"/v1/dead-letters/{first['id']}", content=json.dumps(event())).raise_for_status()
    replay(collector)
    told: dict[str, set[str]] = {}
    for entry in collector.trail.entries:
        told.setdefault(entry.tag.removeprefix("dead-letters:letters:"), set()).add(entry.subject)
    assert told == {"read": {ann, ben}, "changed": {ann}, "replayed": {ann, ben}}


def test_a_dead_letter_of_the_pipeline_is_about_the_student_in_it(collector: CollectorHarness) -> None:
    ann = collector.names.of("ann")
    collector.dead_letters.put([to_dead_letter(a_whole_event(ann), "Why.")], 1, PIPELINE_SOURCE)
    dead_letters(collector, "local")
    assert [entry.subject for entry in collector.trail.entries] == [to_text(ann)]


def test_dead_letters_survive_a_restart_and_are_purged_by_age(tmp_path: Path) -> None:
    path = tmp_path / "letters.sqlite"
    store = SqliteDeadLetterQueue(path)
    store.put([refused(1)], 1 * DAY, "sender")
    store.put([refused(2)], 2 * DAY, "sender")
    store.close()
    store = SqliteDeadLetterQueue(path)
    assert store.purge(2 * DAY) == 1
    assert [dead_letter.event_id for dead_letter in store.newest()] == ["e-2"]
    store.close()


def test_a_huge_dead_letter_is_cut(collector: CollectorHarness) -> None:
    collector.send(event(event_type="nonsense", payload={"x": "y" * 200_000}))
    assert len(dead_letters(collector)[0]["body"]) == MOST_BYTES


def test_a_store_of_dead_letters_that_cannot_write_does_not_fail_the_request(
    collector: CollectorHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise LogFull("no space")

    monkeypatch.setattr(collector.dead_letters, "put", fail)
    receipt = collector.send(event(), event(event_type="nonsense"))
    assert (receipt["accepted"], len(receipt["rejected"])) == (1, 1)
    assert collector.collector.report().events == {
        "unknown_event_type": 1,
        "dead_letters_lost": 1,
        "accepted": 1,
    }
