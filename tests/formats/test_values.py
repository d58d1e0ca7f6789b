"""What foreign systems write, read leniently; what cannot be meant, left out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.formats import openedx, xapi
from coursepulse.formats.agents import device_of
from coursepulse.formats.outcome import Refused, Skipped
from coursepulse.formats.values import derive_id, fit_id, moment, number, rate, seconds, span

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LINE = {
    "event_type": "play_video",
    "time": "2024-03-04T10:00:00Z",
    "context": {"user_id": 1, "course_id": "c"},
    "event": {"id": "v"},
    "session": "s",
    "agent": "Firefox/1",
}
STATEMENT = {
    "id": "1",
    "actor": {"account": {"name": "a"}},
    "verb": {"id": "https://w3id.org/xapi/video/verbs/played"},
    "object": {"id": "v"},
    "result": {},
    "context": {},
    "timestamp": "2024-03-04T10:00:00Z",
}


@pytest.mark.parametrize(
    ("written", "meant"),
    [("1.25x", 1.25), (" 7 ", 7.0), (True, None), ("nan", None), ("", None), (None, None), (10**400, None)],
)
def test_numbers(written: object, meant: float | None) -> None:
    assert number(written) == meant


def test_a_negative_place_in_a_video_is_its_beginning() -> None:
    assert (seconds(-0.04), seconds(360_001), rate(0), rate(17), rate("0.75")) == (
        0.0,
        None,
        None,
        None,
        0.75,
    )


def test_a_time_without_offset_is_utc() -> None:
    assert moment("2024-03-04T10:00:00") == datetime(2024, 3, 4, 10, tzinfo=UTC)
    east = timezone(timedelta(hours=5, minutes=30))
    assert moment("2024-03-04T10:00:00+05:30") == datetime(2024, 3, 4, 10, tzinfo=east)
    assert moment(5) is None


def test_long_ids_stay_apart() -> None:
    long, other = "x" * 200, "x" * 199 + "y"
    assert fit_id("short") == "short"
    assert len({fit_id(long), fit_id(other)}) == 2
    assert len(fit_id(long)) == 128


def test_derived_ids_do_not_depend_on_the_order_of_keys() -> None:
    assert derive_id("a", {"x": 1, "y": 2}) == derive_id("a", {"y": 2, "x": 1})
    assert derive_id("ab", "c") != derive_id("a", "bc")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (iPad; CPU OS 17_0 like Mac OS X) Safari/604", ("tablet", "iOS", "Safari")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Mobile Safari/537", ("mobile", "Android", "Chrome")),
        ("Mozilla/5.0 (Linux; Android 14) Chrome/120 Safari/537", ("tablet", "Android", "Chrome")),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Firefox/120.0", ("desktop", "Linux", "Firefox")),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/120 Edg/120", ("desktop", "Windows", "Edge")),
        ("curl/8", ("", "", "")),
    ],
)
def test_devices(agent: str, device: tuple[str, str, str]) -> None:
    found = device_of(agent)
    assert (found.type, found.os, found.browser) == device


@given(st.sampled_from(sorted(LINE)), json_values)
def test_no_field_of_a_tracking_log_line_can_break_the_format(field: str, value: Any) -> None:
    outcome = openedx.from_line({**LINE, field: value})
    assert isinstance(outcome, list | Skipped | Refused)


@given(st.sampled_from(sorted(STATEMENT)), json_values)
def test_no_field_of_a_statement_can_break_the_format(field: str, value: Any) -> None:
    assert xapi.from_statement({**STATEMENT, field: value}) is not None


def test_played_segments_ignore_the_open_one() -> None:
    assert list(xapi.parse_segments("0[.]10.5[,]12[.]20[,]30")) == [(0.0, 10.5), (12.0, 20.0)]
    assert list(xapi.parse_segments("")) == []


def test_a_line_keeps_its_id_and_another_line_gets_another() -> None:
    later = {**LINE, "time": "2024-03-04T10:00:01Z"}
    ids = [event.event_id for line in (LINE, dict(reversed(LINE.items())), later) for event in _events(line)]
    assert ids[0] == ids[1] != ids[2]


def _events(line: dict[str, Any]) -> list[Any]:
    outcome = openedx.from_line(line)
    assert isinstance(outcome, list)
    return outcome


@pytest.mark.parametrize(
    ("spelled", "found"),
    [
        ("PT4M30.5S", 270.5),
        ("pt0s", 0),
        ("PT1H2M3,25S", 3723.25),
        ("P1DT1M", 86_460),
        ("P1W", 604_800),
        ("P16559.14S", 16_559.14),
        ("-PT5S", -5),
        (" PT90M ", 5400),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P1Y", None),
        ("P3M", None),
        ("4:30", None),
        (7, None),
        ("PT1S" * 2, None),
    ],
)
def test_spans_have_their_seconds(spelled: object, found: float | None) -> None:
    assert span(spelled) == found


@pytest.mark.parametrize(
    ("spelled", "found"), [("PT3M14.4S", 194.4), ("-PT5S", 0), ("PT999H", None), ("12.5", 12.5)]
)
def test_a_place_in_a_video_may_be_a_duration(spelled: str, found: float | None) -> None:
    assert seconds(spelled) == found
