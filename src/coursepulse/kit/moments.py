"""Moments as other systems write them: ISO 8601 in all its forms, as whole microseconds.

Finer digits are cut off, never rounded: 23:59:59.9999999 is still today.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

from coursepulse.kit.clock import DAY, HOUR, MINUTE, SECOND, Micros, from_micros, to_days, to_micros

_EXAMPLE = "such as 2026-03-01T12:00:00Z"
_NO_MOMENT = f"Send a date and time here, {_EXAMPLE}"
_NO_TIME = f"Send the time of day as well, {_EXAMPLE}"
_NO_OFFSET = f"Say how far the time is from UTC, {_EXAMPLE}"
_NO_SUCH = "There is no such date or time; check it against the calendar and the clock"
_NO_LEAP = "Only the last minute of a UTC day can have a second 60; check the time"

#: Digits of a fraction that are read; more are not needed.
_DIGITS = 18
_FINEST = 1_000_000_000_000_000_000

_FORM = re.compile(
    r"(?P<year>\d{4})"
    r"(?:-(?P<month>\d\d)-(?P<day>\d\d)|(?P<month_day>\d{4})"
    r"|-W(?P<week>\d\d)-(?P<weekday>\d)|W(?P<week_day>\d{3})|-?(?P<ordinal>\d{3}))"
    r"(?:[Tt ](?P<hour>\d\d)(?::?(?P<minute>\d\d)(?::?(?P<second>\d\d))?)?(?:[.,](?P<fraction>\d+))?"
    r"(?P<offset>[Zz]|(?P<sign>[-+\N{MINUS SIGN}])(?P<hours>\d\d)(?::?(?P<minutes>\d\d)(?::?00)?)?)?)?",
    re.ASCII,
)


#: A JSON string that holds only a moment, with more digits than are kept.
_FINE = re.compile(rb'"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d\.\d{6})\d+([Zz]|[-+]\d\d:?\d\d)"')


class NotAMoment(ValueError):
    """The text is not a moment. The message is a sentence for the sender, without the full stop."""


def read_moment(text: str, zone: timezone | None = None) -> Micros:
    """Parse a moment.

    :param zone: the time zone of texts without an offset; None refuses them
    :raises NotAMoment: for anything else
    """
    try:
        # The common form, which the standard library parses fastest. (What it makes of a
        # fraction of a minute is wrong.) The collector does this for every event, where one more test shows.
        if text[16] == ":" and text[10] == "T":
            return to_micros(datetime.fromisoformat(text))
    except (ValueError, TypeError, IndexError):
        pass  # another form; or no offset, which is a TypeError; or shorter
    found = _FORM.fullmatch(text)
    if found is None:
        raise NotAMoment(_NO_MOMENT)
    if found["hour"] is None:
        raise NotAMoment(_NO_TIME)
    return _read(found, zone)


def read_day_or_moment(text: str) -> Micros:
    """Parse a moment, or a day as its first moment; without an offset it is UTC.

    :raises NotAMoment: for anything else, and for a moment at the edge of the calendar that has no date in UTC
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise NotAMoment(_NO_MOMENT)
    at = _read(found, UTC)
    try:
        from_micros(at)
    except OverflowError as error:
        raise NotAMoment(_NO_SUCH) from error
    return at


def cut_moments(text: bytes) -> bytes:
    """The JSON with moments cut to the digits that are kept: msgspec would round them."""
    return _FINE.sub(rb'"\1\2"', text)


def _read(found: re.Match[str], zone: timezone | None) -> Micros:
    if found["offset"] is None and zone is None:
        raise NotAMoment(_NO_OFFSET)
    leap = found["second"] == "60"
    try:
        at = to_days(_day(found)) * DAY + _time(found, leap=leap) - _offset(found, zone)
    except ValueError as error:
        raise NotAMoment(_NO_SUCH) from error
    if leap and at % DAY < DAY - SECOND:
        raise NotAMoment(_NO_LEAP)
    return at


def _day(found: re.Match[str]) -> date:
    year = int(found["year"])
    if found["ordinal"]:
        day = date(year, 1, 1) + timedelta(days=int(found["ordinal"]) - 1)
        if day.year != year:
            raise ValueError(found["ordinal"])
        return day
    week = found["week_day"] or (found["week"] or "") + (found["weekday"] or "")
    if week:
        return date.fromisocalendar(year, int(week[:2]), int(week[2]))
    month_day = found["month_day"] or found["month"] + found["day"]
    return date(year, int(month_day[:2]), int(month_day[2:]))


def _time(found: re.Match[str], *, leap: bool) -> Micros:
    """Microseconds since midnight. A leap second is the last moment of the second before, so it stays on its day."""
    if leap:
        return _clock(found["hour"], found["minute"], "59") + SECOND - 1
    last = SECOND if found["second"] else MINUTE if found["minute"] else HOUR
    digits = (found["fraction"] or "0")[:_DIGITS]
    micros = _clock(found["hour"] or "0", found["minute"] or "0", found["second"] or "0")
    micros += last * int(digits.ljust(_DIGITS, "0")) // _FINEST
    if micros > DAY:
        raise ValueError("a day has 24 hours")
    return micros


def _clock(hour: str, minute: str, second: str) -> Micros:
    if int(hour) > 24 or int(minute) > 59 or int(second) > 59:
        raise ValueError("no such time of day")
    return int(hour) * HOUR + int(minute) * MINUTE + int(second) * SECOND


def _offset(found: re.Match[str], zone: timezone | None) -> Micros:
    if found["sign"] is None:
        apart = timedelta() if found["offset"] or zone is None else zone.utcoffset(None)
        return apart // timedelta(microseconds=1)
    if int(found["hours"]) > 23 or int(found["minutes"] or "0") > 59:
        raise ValueError("no such offset")
    away = int(found["hours"]) * HOUR + int(found["minutes"] or "0") * MINUTE
    return away if found["sign"] == "+" else -away
