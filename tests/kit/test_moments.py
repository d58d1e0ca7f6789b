"""Moments in all the forms of ISO 8601, and what is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.moments import NotAMoment, read_day_or_moment, read_moment

TEN = datetime(2026, 11, 16, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-16T10:00:00Z",
        "2026-11-16T10:00:00.000Z",
        "2026-11-16t10:00:00z",
        "2026-11-16 10:00:00Z",
        "2026-11-16T10:00Z",
        "2026-11-16T10Z",
        "2026-11-16T11:00:00+01",
        "2026-11-16T11:00:00+0100",
        "2026-11-16T10:00:00-00:00",
        "2026-11-16T05:00:00\N{MINUS SIGN}05:00",
        "20261116T100000Z",
        "20261116T1000Z",
        "20261116T110000+01",
        "2026-W47-1T10:00:00Z",
        "2026W471T100000Z",
        "2026-320T10:00:00Z",
        "2026320T100000Z",
        "2026-11-16T10:00:00.0000009Z",
        "2026-11-16T10:00:00,0Z",
    ],
)
def test_ten_in_the_morning(text: str) -> None:
    assert from_micros(read_moment(text)) == TEN


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-16T10:00:00,5Z", TEN + timedelta(milliseconds=500)),
        ("2026-11-16T10:30.5Z", TEN + timedelta(minutes=30, seconds=30)),
        ("2026-11-16T10,25+00", TEN + timedelta(minutes=15)),
        ("20261116T100000.1717637Z", TEN + timedelta(microseconds=171_763)),
        ("2026-11-16 23:59:59.9999999Z", datetime(2026, 11, 16, 23, 59, 59, 999_999, UTC)),
        ("2026-11-16T23:59:59.9999999Z", datetime(2026, 11, 16, 23, 59, 59, 999_999, UTC)),
        ("2026-11-16T23:59:59." + "9" * 5000 + "Z", datetime(2026, 11, 16, 23, 59, 59, 999_999, UTC)),
        ("1969-12-31 23:59:59.9999999Z", datetime(1969, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("2026-11-16T24:00:00Z", datetime(2026, 11, 17, tzinfo=UTC)),
        ("20261116T24Z", datetime(2026, 11, 17, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("2017-01-01T05:29:60.5+05:30", datetime(2016, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("2020-366T00:00:00Z", datetime(2020, 12, 31, tzinfo=UTC)),
        ("2020-W53-7T00:00:00Z", datetime(2021, 1, 3, tzinfo=UTC)),
    ],
)
def test_other_moments(text: str, moment: datetime) -> None:
    assert from_micros(read_moment(text)) == moment


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "date and time"),
        ("yesterday", "date and time"),
        ("16.11.2026 10:00", "date and time"),
        ("1763287200", "date and time"),
        ("2026-11-16T10:00:00Z[UTC]", "date and time"),
        ("2026-11-16x10:00:00Z", "date and time"),
        ("\N{ARABIC-INDIC DIGIT TWO}026-11-16 10:00:00Z", "date and time"),
        ("2026-11-16", "time of day"),
        ("2026-W47-1", "time of day"),
        ("2026-11-16T10:00:00", "from UTC"),
        ("20261116T100000", "from UTC"),
        ("2026-02-30T10:00:00Z", "no such date"),
        ("2026-13-01T10:00:00Z", "no such date"),
        ("2026-366T10:00:00Z", "no such date"),
        ("2026-000T10:00:00Z", "no such date"),
        ("2026-W54-1T10:00:00Z", "no such date"),
        ("2026-W47-8T10:00:00Z", "no such date"),
        ("0000-01-01T00:00:00Z", "no such date"),
        ("2026-11-16T25:00:00Z", "no such date"),
        ("2026-11-16T24:00:01Z", "no such date"),
        ("2026-11-16T24:00:00.5Z", "no such date"),
        ("2026-11-16T10:60:00Z", "no such date"),
        ("2026-11-16T10:00:61Z", "no such date"),
        ("2026-11-16T10:00:00+24:00", "no such date"),
        ("2026-11-16T10:00:60Z", "second 60"),
    ],
)
def test_what_is_no_moment_is_told_why(text: str, says: str) -> None:
    with pytest.raises(NotAMoment, match=f"(?i){says}"):
        read_moment(text)


def test_a_text_without_an_offset_is_of_the_zone_that_is_given() -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    assert from_micros(read_moment("2026-11-16T15:30:00", east)) == TEN
    assert from_micros(read_moment("20261116T100000", UTC)) == TEN
    assert from_micros(read_moment("2026-11-16T10:00:00Z", east)) == TEN


def test_a_day_is_its_first_moment() -> None:
    assert from_micros(read_day_or_moment("2026-11-16")) == datetime(2026, 11, 16, tzinfo=UTC)
    assert from_micros(read_day_or_moment("2026-11-16T10:00")) == TEN
    with pytest.raises(NotAMoment):
        read_day_or_moment("0001-01-01T00:00:00+14:00")


@settings(max_examples=40)
@given(st.datetimes(timezones=st.just(UTC)))
def test_both_ways_of_reading_agree(moment: datetime) -> None:
    text = moment.isoformat()
    assert read_moment(text) == read_moment(text.replace("T", " ")) == to_micros(moment)


#: Texts that look as nearly all do: some are moments, some differ from one by a digit or a mark.
_NEARLY = st.from_regex(
    r"(?:2026-[01]\d-[0-3]\d|2026-W\d\d-\d|00\d\d-01-01|9999-12-31)[T ]"
    r"[012]\d:[0-6]\d(?::[0-6]\d)?(?:[.,]\d{1,9})?(?:[Zz]|[-+][012]\d(?::?[0-6]\d)?(?::\d\d)?)?",
    fullmatch=True,
)


@settings(max_examples=300)
@given(_NEARLY, st.sampled_from([None, UTC, timezone(timedelta(hours=5, minutes=30))]))
def test_the_short_way_takes_and_refuses_what_the_long_way_does(text: str, zone: timezone | None) -> None:
    usual, other = text.replace(" ", "T"), text.replace("T", " ")
    assert _outcome(usual, zone) == _outcome(other, zone)


def _outcome(text: str, zone: timezone | None) -> Micros | str:
    try:
        return read_moment(text, zone)
    except NotAMoment as refused:
        return str(refused)
