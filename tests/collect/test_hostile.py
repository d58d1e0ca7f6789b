"""Bodies that nobody sends in good faith: each is answered, and the next honest request is served."""

from __future__ import annotations

import gzip
import http.client
import json
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import httpx
import pytest
import zstandard

from coursepulse.collect.bodies import BODY_LIMIT, MOST_PARTS, unpack_body
from coursepulse.events.decode import NotEvents, decode
from coursepulse.kit.errors import RequestError
from tests.collect.harness import CollectorHarness, event

GOOD = json.dumps(event(event_id="good"))
LINES = "application/x-ndjson"
PLACE = '"payload": {}'


def with_payload(text: str) -> str:
    """One event with a payload of raw JSON text."""
    return json.dumps(event(event_type="video_play")).replace(PLACE, f'"payload": {text}')


@pytest.fixture(autouse=True)
def _serves_on(collector: CollectorHarness) -> Iterator[None]:
    yield
    assert collector.send(event(event_id="afterwards"))["accepted"] == 1


def beside_a_good_one(collector: CollectorHarness, bad: str | bytes) -> dict[str, Any]:
    """Send a bad event between two good ones, as an array and as lines; returns the verdict, which is the same."""
    text = bad if isinstance(bad, bytes) else bad.encode()
    good = GOOD.encode()
    array = refusal(collector.post(b"[" + good + b"," + text + b"," + good + b"]"))
    assert refusal(collector.post(b"\n".join([good, text, good]), content_type=LINES)) == array
    return array


def refusal(answer: httpx.Response) -> dict[str, Any]:
    """The verdict on the one in the middle, which is the only one refused."""
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert receipt["accepted"] == 2
    (verdict,) = receipt["rejected"]
    assert verdict["index"] == 1
    assert "recursion" not in verdict["sentence"]
    assert "sys." not in verdict["sentence"]
    found: dict[str, Any] = verdict
    return found


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_does_not_have(collector: CollectorHarness, number: str) -> None:
    verdict = beside_a_good_one(collector, with_payload(f'{{"current_time": {number}}}'))
    assert (verdict["reason"], verdict["path"]) == ("malformed", "$")


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1" + "0" * 400, "1" + "0" * 5000])
def test_numbers_beyond_all_measure(collector: CollectorHarness, number: str) -> None:
    assert (
        beside_a_good_one(collector, with_payload(f'{{"current_time": {number}}}'))["reason"]
        == "invalid_value"
    )


@pytest.mark.parametrize("depth", [1100, 2000, 100_000])
def test_deep_nesting(collector: CollectorHarness, depth: int) -> None:
    deep = with_payload('{"score": ' + "[" * depth + "]" * depth + "}")
    assert beside_a_good_one(collector, deep)["reason"] == "malformed"
    alone = collector.post(deep)
    assert alone.status_code == 202
    assert [verdict["reason"] for verdict in alone.json()["rejected"]] == ["malformed"]


def test_different_troubles_in_one_array(collector: CollectorHarness) -> None:
    bad = [
        with_payload('{"current_time": NaN}'),
        with_payload('{"current_time": 1' + "0" * 5000 + "}"),
        with_payload('{"score": ' + "[" * 1100 + "]" * 1100 + "}"),
        json.dumps(event(session_id="a\ud800b")),
        json.dumps(event(lesson_id="[{,]")).replace("[{,]", '[{,]\\"'),
        "nonsense",
        "",
    ]
    receipt = collector.post(f"[{','.join([GOOD, *bad, GOOD])}]").json()
    assert receipt["accepted"] == 3
    assert [verdict["index"] for verdict in receipt["rejected"]] == [1, 2, 3, 4, 6, 7]


def test_the_body_of_a_dead_letter_is_what_was_sent_though_others_cannot_be_read(
    collector: CollectorHarness,
) -> None:
    odd = with_payload('{"current_time" :  NaN}')
    collector.post(f"[{GOOD},  {odd} ]")
    assert collector.dead_letters.newest()[0].body.decode() == odd


@pytest.mark.parametrize("body", ["[{}, NaN", "[{}, NaN] {}", "[{}, NaN}", '[{}, "NaN]', "[{}, NaN]]"])
def test_an_array_without_a_clear_end_is_refused_as_a_whole(collector: CollectorHarness, body: str) -> None:
    answer = collector.post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")


@pytest.mark.parametrize(
    ("bad", "path", "advice"),
    [
        (with_payload('{"current_time": NaN}'), "$", "`NaN` is not a number in JSON; leave the field out."),
        (
            with_payload('{"current_time": 1e400}'),
            "$.payload.current_time",
            "send one that fits into 64 bits.",
        ),
        (with_payload('{"y": 1, "x": [1, 1e400]}'), "$.payload.x[1]", "send one that fits into 64 bits."),
        (with_payload('{"x": {"y": 1e400}}'), "$.payload.x", "send one that fits into 64 bits."),
        (with_payload('{"x": 1e400}')[:-1] + ",}", "$.payload", "send one that fits into 64 bits."),
        (b"\xef\xbb\xbf" + GOOD.encode(), "$", "begins with a byte order mark; send UTF-8 without one."),
        (json.dumps(event(session_id="a\ud800b")), "$", "send whole characters."),
        (
            GOOD.encode("latin-1").replace(b"visit", b"vis\xefte"),
            "$",
            "is not UTF-8 at byte 127; send UTF-8.",
        ),
        (GOOD[:-1], "$", "Not JSON: Expecting ',' delimiter at character 209; correct the text there."),
        ("17", "$", "An event is a JSON object; send an object here, not a whole number."),
        (
            '{"sensor": "s", "sendTime": "2026-11-16T10:00:00Z", "data": []}',
            "$",
            "`coursepulse import caliper FILE`.",
        ),
        (
            '{"@context": "http://purl.imsglobal.org/ctx/caliper/v1p2", "id": "urn:uuid:1", "type": "ViewEvent"}',
            "$",
            "`coursepulse import caliper FILE`.",
        ),
        (json.dumps(event(event_type="x_")), "$.event_type", "add a name after the prefix."),
    ],
)
def test_what_is_wrong_and_what_to_do(
    collector: CollectorHarness, bad: str | bytes, path: str, advice: str
) -> None:
    text = bad if isinstance(bad, bytes) else bad.encode()
    verdict = refusal(collector.post(b"\n".join([GOOD.encode(), text, GOOD.encode()]), content_type=LINES))
    assert verdict["path"] == path
    assert advice in verdict["sentence"]


def test_the_event_is_named_though_it_is_no_json(collector: CollectorHarness) -> None:
    bad = json.dumps(event(event_id="odd")).replace(PLACE, '"payload": {"current_time": NaN}')
    assert beside_a_good_one(collector, bad)["event_id"] == "odd"


def test_a_body_with_a_byte_order_mark_says_so(collector: CollectorHarness) -> None:
    answer = collector.post(b"\xef\xbb\xbf[]")
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
    assert "send UTF-8 without one" in answer.json()["sentence"]


def test_nul_characters(collector: CollectorHarness) -> None:
    verdict = beside_a_good_one(collector, json.dumps(event(session_id="a\0b")))
    assert (verdict["reason"], verdict["path"]) == ("invalid_value", "$")


def test_lone_surrogates(collector: CollectorHarness) -> None:
    assert beside_a_good_one(collector, json.dumps(event(session_id="a\ud800b")))["reason"] == "malformed"


def test_bytes_that_are_not_utf_8(collector: CollectorHarness) -> None:
    bad = json.dumps(event(session_id="caf?")).encode().replace(b"caf?", b"caf\xe9")
    assert beside_a_good_one(collector, bad)["reason"] == "malformed"


def test_of_duplicate_keys_the_last_counts(collector: CollectorHarness) -> None:
    twice = json.dumps(event()).replace('"student_id"', '"student_id": "ben", "student_id"')
    assert collector.post(twice).json()["accepted"] == 1
    assert collector.stored()[0].student_id == collector.names.of("ann")


@pytest.mark.parametrize(
    ("date", "reason"),
    [
        ("0001-01-01T00:00:00+14:00", "timestamp_too_old"),
        ("0001-01-01T00:00:00Z", "timestamp_too_old"),
        ("9999-12-31T23:59:59.999999-14:00", "timestamp_in_future"),
        ("9999-12-31T23:59:59.9999999Z", "timestamp_in_future"),
        ("0000-01-01T00:00:00Z", "invalid_value"),
        ("10000-01-01T00:00:00Z", "invalid_value"),
        ("2026-02-30T00:00:00Z", "invalid_value"),
        ("2026-03-02T12:00:00", "invalid_value"),
    ],
)
def test_dates_at_the_ends_of_time(collector: CollectorHarness, date: str, reason: str) -> None:
    assert beside_a_good_one(collector, json.dumps(event(timestamp=date)))["reason"] == reason
    receipt = collector.post(json.dumps(event(timestamp=date)), "importer").json()
    assert [v["reason"] for v in receipt["rejected"]] == [reason]


@pytest.mark.parametrize("value", ["1", '"text"', "null", "[]", "[[]]", "true"])
def test_things_that_are_no_events(collector: CollectorHarness, value: str) -> None:
    assert beside_a_good_one(collector, value)["reason"] == "malformed"


def test_a_body_of_50_mb_is_refused_by_its_length(collector: CollectorHarness) -> None:
    answer = collector.post(b"[" + b" " * 50_000_000 + b"]")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_a_body_of_50_mb_without_a_length_is_refused_while_it_is_read(collector: CollectorHarness) -> None:
    pieces = (b" " * 1_000_000 for _ in range(50))
    answer = collector.http.post("/v1/events", content=pieces)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("size", [9_000_000, 50_000_000])
def test_a_sender_that_reads_no_answer_before_all_is_sent_learns_why(
    collector: CollectorHarness, size: int
) -> None:
    headers = {"Authorization": "Bearer sender", "Connection": "close"}  # as urllib does
    there = http.client.HTTPConnection(collector.url.removeprefix("http://"))
    there.request("POST", "/v1/events", b" " * size, headers)
    answer = there.getresponse()
    assert (answer.status, json.load(answer)["code"]) == (413, "body_too_large")
    there.close()


@pytest.mark.parametrize("length", [BODY_LIMIT, BODY_LIMIT + 1])
def test_the_limit_holds_to_the_byte(collector: CollectorHarness, length: int) -> None:
    body = GOOD.encode() + b" " * (length - len(GOOD))
    status = 202 if length == BODY_LIMIT else 413
    assert collector.post(body).status_code == status
    assert collector.post(gzip.compress(body), content_encoding="gzip").status_code == status
    assert collector.post(zstandard.compress(body), content_encoding="zstd").status_code == status


def gzip_bomb() -> bytes:
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(1000)) + packer.flush()


def zstd_bomb() -> bytes:
    packer = zstandard.ZstdCompressor(level=1).compressobj()
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(1000)) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [("gzip", gzip_bomb), pytest.param("zstd", zstd_bomb, marks=pytest.mark.long)],
)
def test_a_gigabyte_in_a_small_request(collector: CollectorHarness, encoding: str, bomb: object) -> None:
    assert callable(bomb)
    body = bomb()
    assert len(body) < BODY_LIMIT
    answer = collector.post(body, content_encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("keep", [0, 1, 10, -1])
def test_a_request_that_ends_too_early(collector: CollectorHarness, encoding: str, keep: int) -> None:
    pack = gzip.compress if encoding == "gzip" else zstandard.compress
    body = pack(GOOD.encode() * 100)[:keep]
    answer = collector.post(body, content_encoding=encoding)
    code = "not_json" if encoding == "gzip" and not body else "damaged_body"
    assert (answer.status_code, answer.json()["code"]) == (400, code)


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_request_of_something_else(collector: CollectorHarness, encoding: str) -> None:
    answer = collector.post(GOOD, content_encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (400, "damaged_body")


def test_millions_of_tiny_values(collector: CollectorHarness) -> None:
    answer = collector.post("[" + ",".join(["1"] * 4_000_000) + "]")
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_events")


def test_brackets_without_end(collector: CollectorHarness) -> None:
    answer = collector.post("[" * BODY_LIMIT)
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")


def test_a_key_that_is_no_text(collector: CollectorHarness) -> None:
    answer = collector.http.post("/v1/events", content="[]", headers={b"Authorization": b"Bearer \xff\xfe"})
    assert (answer.status_code, answer.json()["code"]) == (403, "key_unknown")


MIB8 = BODY_LIMIT

#: Bodies of 8 MiB that took seconds, and now take a moment: how many seconds of a processor at the most, far more than
#: a slow machine needs and far less than what it was.
SLOW = {
    "objects side by side": b"[" + b"{}" * (MIB8 // 2 - 1),
    "and closed": b"[" + b"{}" * (MIB8 // 2 - 1) + b"]",
    "arrays in arrays": b"[" + b"[[]]" * (MIB8 // 4 - 1) + b"]",
    "objects in arrays in objects": b"[" + b"{[{}]}" * (MIB8 // 6 - 1) + b"]",
    "commas": b"[" + b"," * (MIB8 - 2) + b"]",
    "strings": b"[" + b'""' * (MIB8 // 2 - 1) + b"]",
    "events without end": b"[" + b"{}," * (MIB8 // 3 - 1) + b"{}]",
    "one object full of others": b'{"payload":[' + b"{}," * (MIB8 // 3 - 10) + b"{}]}",
}


@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_a_body_of_brackets_is_a_mistake_of_its_sender(collector: CollectorHarness, body: bytes) -> None:
    assert collector.post(body).status_code in (202, 400, 413)


@pytest.mark.long
@pytest.mark.parametrize("body", SLOW.values(), ids=SLOW)
def test_a_body_of_brackets_is_done_with_in_a_moment(body: bytes) -> None:
    assert seconds(lambda: decode_quietly(body)) < 1.5


@pytest.mark.long
def test_lines_of_brackets_are_done_with_in_a_moment() -> None:
    assert seconds(lambda: decode((b"[" * 830 + b"\n") * 9_999, ndjson=True)) < 1.5


def test_an_event_beside_many_others_is_refused_alone_however_many_brackets_they_have(
    collector: CollectorHarness,
) -> None:
    pieces = [[n, n + 1] for n in range(40)]
    many = [event(event_id=f"e-{n}", payload={"played_segments": pieces}) for n in range(9_000)]
    receipt = collector.post(json.dumps(many)[:-1] + ", NaN]").json()
    assert (receipt["accepted"], len(receipt["rejected"])) == (9_000, 1)


@pytest.mark.parametrize(
    ("encoding", "empty"),
    [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstandard.ZstdCompressor().compress(b""))],
    ids=["gzip", "zstd"],
)
def test_a_body_has_no_more_parts_than_anybody_needs(
    collector: CollectorHarness, encoding: str, empty: bytes
) -> None:
    good = gzip.compress(GOOD.encode()) if encoding == "gzip" else zstandard.compress(GOOD.encode())
    fits, many = empty * (MOST_PARTS - 1) + good, empty * (1_500_000 // len(empty)) + good
    assert collector.post(fits, content_encoding=encoding).json()["accepted"] == 1
    answer = collector.post(many, content_encoding=encoding)
    assert (answer.status_code, answer.json()["code"]) == (400, "damaged_body")
    assert "1000 parts" in answer.json()["sentence"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("encoding", "empty"),
    [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstandard.ZstdCompressor().compress(b""))],
    ids=["gzip", "zstd"],
)
def test_empty_parts_are_done_with_in_a_moment(encoding: str, empty: bytes) -> None:
    def refuse() -> None:
        with pytest.raises(RequestError):
            unpack_body(empty * (1_500_000 // len(empty)), encoding)

    assert seconds(refuse) < 0.5


def test_what_gzip_holds_back_at_the_end_of_a_body_is_not_lost() -> None:
    for size in (1 << 20, (1 << 20) + 1, 3 << 20, (3 << 20) - 1):
        assert unpack_body(gzip.compress(bytes(size)), "gzip") == bytes(size)


def seconds(work: Callable[[], object]) -> float:
    """Of a processor, so that a busy machine makes no difference."""
    before = time.process_time()
    work()
    return time.process_time() - before


def decode_quietly(body: bytes) -> None:
    with suppress(NotEvents):
        decode(body, limit=10_000)
