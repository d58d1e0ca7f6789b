"""What the sender is told, and what is kept: one test for every reason and every status."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from coursepulse.events.reasons import RejectionReason
from coursepulse.kit.clock import DAY, MINUTE
from coursepulse.kit.ids import NIL, to_bytes
from tests.collect.harness import NOW, CollectorHarness, collector_harness, event, micros
from tests.log.test_sqlite import fill

LINES = "application/x-ndjson"


def only(receipt: dict[str, Any]) -> dict[str, Any]:
    assert receipt["accepted"] == 0
    (verdict,) = receipt["rejected"]
    found: dict[str, Any] = verdict
    return found


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code
    assert body["sentence"].endswith(".")
    assert body.keys() <= {"code", "sentence", "path"}
    return body


PAID = [
    (
        {"amount": 20, "currency": "QQQ"},
        "currency",
        "`QQQ` is not a currency of ISO 4217; send a code such as EUR.",
    ),
    ({"amount": 0.00005}, "amount", "An amount has four decimals at the most; send what was charged."),
    (
        {"amount": 100_000_000.00005},
        "amount",
        "An amount has four decimals at the most; send what was charged.",
    ),
]


@pytest.mark.parametrize(("payload", "field", "sentence"), PAID)
def test_money_that_could_not_be_added_up_is_refused(
    collector: CollectorHarness, payload: dict[str, Any], field: str, sentence: str
) -> None:
    verdict = only(collector.send(event(event_type="payment_completed", payload=payload)))
    assert (verdict["reason"], verdict["path"]) == ("invalid_value", f"$.payload.{field}")
    assert verdict["sentence"] == sentence


def test_an_amount_may_be_finer_than_the_coins_of_its_currency(collector: CollectorHarness) -> None:
    amounts = {0.1 + 0.2: "EUR", 12.3456: "JPY", 1_000_000_000: "DEM", 999_999_999.9999: "KWD"}
    paid = [
        event(event_id=f"p-{n}", event_type="payment_completed", payload={"amount": each, "currency": code})
        for n, (each, code) in enumerate(amounts.items())
    ]
    assert collector.send(*paid)["rejected"] == []
    assert [kept.amount for kept in collector.stored()] == [3000, 123_456, 10**13, 9_999_999_999_999]


# --- accepted -------------------------------------------------------------------------------------------


def test_one_event_is_kept_as_a_pseudonymous_one(collector: CollectorHarness) -> None:
    answer = collector.post(
        json.dumps(event(device={"type": "Mobile", "os": "Android", "browser": "x@y.org"}))
    )
    assert answer.status_code == 202
    assert answer.json() == {"accepted": 1, "rejected": [], "dropped_fields": {}}
    (kept,) = collector.stored()
    assert kept.event_id == to_bytes("e-1", "event")
    assert kept.student_id == collector.names.of("ann")
    assert kept.session_id == to_bytes("visit-1", "session")
    assert kept.at == kept.received_at == micros(NOW)
    assert (kept.course_id, kept.lesson_id) == ("algebra", "lesson-1")
    assert (kept.device_type, kept.os, kept.browser) == ("mobile", "Android", "")
    assert (kept.ip, kept.country) == ("127.0.0.0/24", "")


def test_the_network_of_an_importer_is_not_that_of_the_students(collector: CollectorHarness) -> None:
    collector.send(event(), key="importer")
    assert collector.stored()[0].ip == ""


def test_nothing_of_the_students_own_id_reaches_the_log(collector: CollectorHarness, tmp_path: Path) -> None:
    collector.consents.replace([(collector.names.of("ann.lee@example.org"), 1)])
    assert (
        collector.send(event(student_id="ann.lee@example.org", payload={"note": "ann.lee@example.org"}))[
            "accepted"
        ]
        == 1
    )
    assert b"ann.lee" not in repr(collector.stored()).encode()
    assert b"example.org" not in (tmp_path / "events.sqlite-wal").read_bytes()


def test_an_event_without_a_session_belongs_to_none(collector: CollectorHarness) -> None:
    collector.send(event(session_id=None), event(event_id="e-2", session_id=""))
    assert [kept.session_id for kept in collector.stored()] == [NIL, NIL]


def test_an_unknown_device_counts_as_unknown(collector: CollectorHarness) -> None:
    collector.send(event(device={"type": "fridge"}))
    assert collector.stored()[0].device_type == ""


def test_fields_outside_the_type_are_dropped_and_counted(collector: CollectorHarness) -> None:
    payload = {"current_time": 3, "user_email": "a@b.org"}
    receipt = collector.send(
        *(event(event_id=f"e-{n}", event_type="video_play", payload=payload) for n in range(3))
    )
    assert receipt == {"accepted": 3, "rejected": [], "dropped_fields": {"video_play.user_email": 3}}
    assert {kept.payload for kept in collector.stored()} == {b'{"current_time":3.0}'}


def test_the_facts_of_a_payload_become_columns(collector: CollectorHarness) -> None:
    payload = {"current_time": 30, "video_duration": 60, "playback_rate": 2, "played_segments": [[0, 30]]}
    collector.send(event(event_type="video_pause", payload=payload))
    kept = collector.stored()[0]
    assert (kept.position, kept.duration, kept.rate, kept.segments) == (30.0, 60.0, 2.0, ((0.0, 30.0),))


def test_an_event_of_the_platforms_own_is_kept_without_its_payload(collector: CollectorHarness) -> None:
    collector.send(event(event_type="x_chat", payload={"text": "hello"}))
    assert (collector.stored()[0].event_type, collector.stored()[0].payload) == ("x_chat", b"{}")


@pytest.mark.parametrize("media", [LINES, "application/ndjson; charset=utf-8", "Application/JSONL"])
def test_lines_of_events(collector: CollectorHarness, media: str) -> None:
    lines = "\n\n".join(json.dumps(event(event_id=f"e-{n}")) for n in range(3)) + "\r\n"
    assert collector.post(lines, content_type=media).json()["accepted"] == 3


@pytest.mark.parametrize("body", ["[]", " [ ] "])
def test_no_events_are_no_mistake(collector: CollectorHarness, body: str) -> None:
    assert collector.post(body).json() == {"accepted": 0, "rejected": [], "dropped_fields": {}}


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("zstd", zstandard.compress), ("GZIP", gzip.compress), ("identity", bytes)],
)
def test_packed_bodies(collector: CollectorHarness, encoding: str, pack: Any) -> None:
    body = json.dumps([event(event_id=f"e-{n}") for n in range(100)]).encode()
    assert collector.post(pack(body), content_encoding=encoding).json()["accepted"] == 100


def test_packed_bodies_of_several_parts(collector: CollectorHarness) -> None:
    parts = [json.dumps(event(event_id=f"e-{n}")).encode() + b"\n" for n in range(3)]
    for encoding, pack in (("gzip", gzip.compress), ("zstd", zstandard.compress)):
        body = b"".join(map(pack, parts))
        assert collector.post(body, content_encoding=encoding, content_type=LINES).json()["accepted"] == 3


def test_a_large_body_is_judged_too(collector: CollectorHarness) -> None:
    receipt = collector.send(
        *(event(event_id=f"{'long' * 25}-{n}") for n in range(6000)), event(event_type="nonsense")
    )
    assert receipt["accepted"] == 6000
    assert [verdict["index"] for verdict in receipt["rejected"]] == [6000]


# --- rejected, by reason --------------------------------------------------------------------------------


def test_malformed(collector: CollectorHarness) -> None:
    body = json.dumps(event()) + "\n" + '{"event_id": "e-2", "event_type": ' + "\n"
    receipt = collector.post(body, content_type=LINES).json()
    assert receipt["accepted"] == 1
    assert [(v["index"], v["reason"], v["path"]) for v in receipt["rejected"]] == [(1, "malformed", "$")]


def test_missing_field(collector: CollectorHarness) -> None:
    verdict = only(collector.send(event(student_id=None)))
    assert verdict == {
        "index": 0,
        "event_id": "e-1",
        "reason": "missing_field",
        "path": "$.student_id",
        "sentence": "`student_id` is required.",
    }


def test_invalid_value(collector: CollectorHarness) -> None:
    verdict = only(collector.send(event(event_type="video_play", payload={"current_time": -1})))
    assert (verdict["reason"], verdict["path"]) == ("invalid_value", "$.payload.current_time")


def test_unknown_event_type(collector: CollectorHarness) -> None:
    verdict = only(collector.send(event(event_type="video_rewound")))
    assert (verdict["reason"], verdict["path"]) == ("unknown_event_type", "$.event_type")


def test_timestamp_in_future(collector: CollectorHarness) -> None:
    collector.now -= 5 * MINUTE
    assert collector.send(event())["accepted"] == 1
    collector.now -= 1
    verdict = only(collector.send(event(event_id="e-2")))
    assert (verdict["reason"], verdict["path"]) == ("timestamp_in_future", "$.timestamp")


def test_timestamp_too_old(collector: CollectorHarness) -> None:
    collector.now += 90 * DAY
    assert collector.send(event())["accepted"] == 1
    collector.now += 1
    verdict = only(collector.send(event(event_id="e-2")))
    assert (verdict["reason"], verdict["path"]) == ("timestamp_too_old", "$.timestamp")
    assert "backfill" in verdict["sentence"]


def test_a_key_with_backfill_may_bring_old_events_but_none_from_before_1970(
    collector: CollectorHarness,
) -> None:
    assert collector.send(event(timestamp="1970-01-01T00:00:00Z"), key="importer")["accepted"] == 1
    verdict = only(collector.send(event(timestamp="1969-12-31T23:59:59Z"), key="importer"))
    assert verdict["reason"] == "timestamp_too_old"


def test_no_consent(collector: CollectorHarness) -> None:
    verdict = only(collector.send(event(student_id="ben")))
    assert (verdict["reason"], verdict["path"]) == ("no_consent", "$.student_id")
    assert collector.dead_letters.newest() == []


def test_what_rests_on_contract_needs_no_consent(collector: CollectorHarness) -> None:
    for number, name in enumerate(("course_enroll", "lesson_complete", "quiz_submit", "assignment_graded")):
        assert (
            collector.send(event(event_id=f"e-{number}", event_type=name, student_id="ben"))["accepted"] == 1
        )


def test_overloaded(tmp_path: Path) -> None:
    events = [event(event_id=name, event_type=name) for name in ("lesson_start", "video_pause", "video_seek")]
    with collector_harness(tmp_path, shed_p2_backlog=2, shed_p1_backlog=5) as collector:
        assert collector.send(*events)["accepted"] == 3
        collector.now += 250_001
        receipt = collector.send(*events)
        assert [(v["event_id"], v["reason"]) for v in receipt["rejected"]] == [("video_seek", "overloaded")]
        collector.send(*events[:1])
        collector.now += 250_001
        receipt = collector.send(*events)
        assert [v["event_id"] for v in receipt["rejected"]] == ["video_pause", "video_seek"]
        assert collector.dead_letters.newest() == []
        collector.catch_up()
        collector.now += 250_001
        assert collector.send(*events)["accepted"] == 3


def test_every_reason_of_the_collector_is_tested_above() -> None:
    tests = Path(__file__).read_text()
    for reason in set(RejectionReason) - {RejectionReason.UNSTORABLE}:
        assert f"def test_{reason.value}(" in tests


def test_one_bad_event_among_a_thousand_fails_alone(collector: CollectorHarness) -> None:
    events = [event(event_id=f"e-{n}") for n in range(1000)]
    events[500]["timestamp"] = "yesterday"
    receipt = collector.send(*events)
    assert receipt["accepted"] == 999
    assert [(v["index"], v["event_id"], v["path"]) for v in receipt["rejected"]] == [
        (500, "e-500", "$.timestamp")
    ]
    assert len(collector.stored()) == 999


def test_verdicts_come_in_the_order_of_the_request(collector: CollectorHarness) -> None:
    bad = [event(student_id="ben"), event(event_type="nonsense"), event(timestamp="2027-01-01T00:00:00Z")]
    receipt = collector.send(*bad, event(), *bad)
    assert [v["index"] for v in receipt["rejected"]] == [0, 1, 2, 4, 5, 6]


# --- refused as a whole ---------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ["", "nonsense", '{"event_id"', "[{}", b"\xff\xfe", "[" * 100_000])
def test_a_body_that_is_not_json(collector: CollectorHarness, body: str | bytes) -> None:
    problem(collector.post(body), 400, "not_json")
    assert collector.dead_letters.newest() == []


def test_a_missing_key(collector: CollectorHarness) -> None:
    problem(
        collector.http.post("/v1/events", content="[]", headers={"Authorization": ""}), 401, "key_missing"
    )
    problem(
        collector.http.post("/v1/events", content="[]", headers={"Authorization": "Basic eDp5"}),
        401,
        "key_missing",
    )


@pytest.mark.parametrize("key", ["wrong", "sende", "senderr", "SENDER"])
def test_a_wrong_key(collector: CollectorHarness, key: str) -> None:
    problem(collector.post("[]", key), 403, "key_unknown")


def test_a_key_for_something_else(collector: CollectorHarness) -> None:
    problem(collector.post("[]", "reader"), 403, "scope_missing")


def test_too_many_events(collector: CollectorHarness) -> None:
    assert collector.post("[" + ",".join(["{}"] * 10_000) + "]").status_code == 202
    problem(collector.post("[" + ",".join(["{}"] * 10_001) + "]"), 413, "too_many_events")
    problem(collector.post("{}\n" * 10_001, content_type=LINES), 413, "too_many_events")


def test_an_unknown_encoding(collector: CollectorHarness) -> None:
    problem(collector.post("[]", content_encoding="br"), 415, "unsupported_encoding")
    problem(collector.post("[]", content_encoding="gzip, zstd"), 415, "unsupported_encoding")


def test_too_many_requests(tmp_path: Path) -> None:
    with collector_harness(tmp_path, requests_per_minute=2) as collector:
        assert [collector.post("[]").status_code for _ in range(2)] == [202, 202]
        answer = collector.post("[]")
        problem(answer, 429, "rate_exceeded")
        assert answer.headers["Retry-After"] == "30"
        assert collector.post("[]", "importer").status_code == 202
        collector.now += 30_000_000
        assert collector.post("[]").status_code == 202
        collector.now -= DAY  # a clock that is set back takes nothing away
        assert collector.post("[]").status_code == 429
        collector.now += 30_000_000
        assert collector.post("[]").status_code == 202


def test_a_log_that_cannot_write_acknowledges_nothing(tmp_path: Path) -> None:
    with collector_harness(tmp_path, max_pages=100) as collector:
        fill(collector.log)
        before = len(collector.stored())
        batch = [
            event(event_id=f"e-{n}", session_id=str(n) * 20, event_type="x_" + str(n)) for n in range(3000)
        ]
        answer = collector.post(json.dumps([*batch, event(event_type="nonsense")]))
        problem(answer, 503, "log_unavailable")
        assert int(answer.headers["Retry-After"]) > 0
        assert len(collector.stored()) == before
        assert collector.dead_letters.newest() == []
        collector.catch_up()
        collector.log.prune(1 << 62, "pipeline")
        assert collector.send(event())["accepted"] == 1


def test_an_address_that_does_not_exist(collector: CollectorHarness) -> None:
    problem(collector.http.get("/v1/nonsense"), 404, "not_found")
    problem(collector.http.get("/v1/events"), 405, "method_not_allowed")


def test_a_fault_of_ours_shows_no_stack(collector: CollectorHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector.collector, "take", None)
    body = problem(collector.post("[]"), 500, "internal")
    assert "NoneType" not in body["sentence"]


def test_no_event_calls_itself_taken_back(collector: CollectorHarness) -> None:
    """Taking events back would pass it over."""
    [refused] = collector.send(event(event_type="x_withdrawn"))["rejected"]
    assert refused["reason"] == "unknown_event_type"
    assert "withdrawn events" in refused["sentence"]
