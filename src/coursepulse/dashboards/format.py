"""Numbers as people read them: with their unit, never more precise than they deserve. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from coursepulse.dashboards.language import cents, country, day, decimal, fixed, moment, month, time_of_day
from coursepulse.dashboards.text import plural, reasoned, say, say_or
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.metrics.metric import Unit

#: What the JSON of a card calls a unit, where that is not the name of the unit.
_KINDS = {
    Unit.ID: "text",
    Unit.EVENT: "text",
    Unit.DEVICE: "text",
    Unit.COUNTRY: "text",
    Unit.REASON: "text",
    Unit.OFFSET: "seconds",
    Unit.CURRENCY: "text",
    Unit.BYTES: "number",
    Unit.MILLISECONDS: "number",
    Unit.MONTH: "date",
    Unit.FLAG: "truth",
    Unit.SCORE: "number",
    Unit.SHARE: "number",
}


def kind_of(unit: Unit) -> str:
    """What a value is, in the words of the JSON of a card."""
    return _KINDS.get(unit, unit.name.lower())


NOTHING = "–"

#: Units whose values are words, which the catalogue says as people do.
_WORDED = frozenset({Unit.BAND, Unit.BUCKET, Unit.STATE})


def show(value: object, unit: Unit) -> str:
    """A value for a person; a dash where there is none."""
    if value is not None and unit in _NAMED:
        return _NAMED[unit](str(value))
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return say("truth.yes" if value else "truth.no")
    if isinstance(value, (list, tuple)):
        return reasoned(str(each) for each in value) or NOTHING
    if isinstance(value, (int, float)):
        return _NUMERIC.get(unit, _plain)(float(value))
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return month(value) if unit is Unit.MONTH else day(value)
    return say(f"{unit}.{value}") if unit in _WORDED else str(value)


def device_words(device_type: str) -> str:
    """A kind of device, or that nobody has said which."""
    return say(f"device.{device_type or 'unknown'}")


def country_words(code: str) -> str:
    """The name of a country by its ISO 3166-1 code, or that nobody has said which."""
    return (country(code) or code) if code else say("country.unknown")


def event_words(event_type: str) -> str:
    """A type of event as people say it; of a platform's own types (x_…) the words of its name."""
    return say_or(f"event.{event_type}", event_type.removeprefix("x_").replace("_", " "))


def reason_words(reason: str) -> str:
    """Why an event was refused."""
    return say_or(f"reason.refused.{reason}", reason.replace("_", " "))


def offset(seconds: float) -> str:
    """How far a clock is from ours, with its sign: −2 h, 3 s."""
    return f"\u2212{span(-seconds)}" if seconds < 0 else span(seconds)


def money(value: float) -> str:
    """An amount to the cent; its currency stands beside it."""
    return cents(value)


def size(value: float) -> str:
    """Room on a disk, in the largest unit that leaves a number above 1: 12 MB."""
    amount, unit = abs(value), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < 1000 or unit == "TB":
            break
        amount /= 1000
    sign = "\u2212" if value < 0 else ""
    return f"{sign}{_trim(amount)}\u00a0{unit}"


def milliseconds(value: float) -> str:
    """A short time: 12 ms."""
    return f"{_trim(value)}\u00a0ms"


#: Codes that people read as words.
_NAMED: dict[Unit, Callable[[str], str]] = {
    Unit.EVENT: event_words,
    Unit.DEVICE: device_words,
    Unit.COUNTRY: country_words,
    Unit.REASON: reason_words,
}


def count(value: float) -> str:
    """A whole number with the separators of the language: 12,345."""
    return decimal(value)


def count_of(value: float | None) -> str:
    """A whole number, or that it is hidden because it is about too few people."""
    return say("small.cell") if value is None else count(value)


def percent(value: float) -> str:
    """Per cent, with one digit below ten."""
    return say("unit.percent", value=_trim(value))


def span(seconds: float) -> str:
    """A duration in hours and minutes, however long, and in seconds only below a minute: 3 h 12 min, 4 min, 45 s."""
    if round(seconds) < 60:
        return say("unit.s", n=round(seconds))
    hours, minutes = divmod(round(seconds / 60), 60)
    parts = [say("unit.h", n=count(hours))] if hours else []
    # Only between the numbers and their units no line may end.
    return " ".join([*parts, say("unit.min", n=minutes)] if minutes else parts)


def span_of(seconds: float | None) -> str:
    """A duration, or that it is hidden because it is about too few people."""
    return say("small.cell") if seconds is None else span(seconds)


def position(seconds: float) -> str:
    """A place in a video: 4:05, 1:02:03."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def clock(at: Micros) -> str:
    """The time of day to the second, on the reader's clock."""
    return time_of_day(from_micros(at), seconds=True)


def age(at: Micros, now: Micros) -> str:
    """How long ago, in one unit: 0.6 s, 12 s, 4 min, 3 h, 2 days."""
    seconds = max(0, now - at) / 1e6
    if seconds < 10:
        return say("unit.s", n=fixed(seconds, 1))
    if seconds < 60:
        return say("unit.s", n=int(seconds))
    if seconds < 3600:
        return say("unit.min", n=int(seconds // 60))
    if seconds < 172_800:
        return say("unit.h", n=int(seconds // 3600))
    return plural("unit.days_past", int(seconds // 86_400))


class Comparison(NamedTuple):
    """How a number compares with the equal period before it.

    :param direction: ``up``, ``down`` or ``same``
    :param good: whether that is welcome, None when it is neither
    """

    direction: str
    words: str
    good: bool | None = None


#: Beyond so many times the number before, a percentage says nothing: the number itself does.
_MOST_TIMES = 3


class Span(NamedTuple):
    """How many days are compared, and whether that is without today."""

    days: int
    without_today: bool = False

    def say(self, key: str, **words: str) -> str:
        """What a comparison with the days before says."""
        return say(f"{key}.whole" if self.without_today else key, days=self.days, **words)


def change(
    now: float | None, before: float | None, days: Span, unit: Unit, *, more_is_good: bool = True
) -> Comparison | None:
    """The comparison, in words that need no colour; None where there is nothing to compare with."""
    if now is None or before is None:
        return None
    difference = now - before
    if unit is not Unit.PERCENT and difference > 0 and now > _MOST_TIMES * before:
        return _from_little(before, days, unit)
    amount = _amount(difference, before, unit)
    if amount is None:
        return Comparison("same", days.say("change.same"))
    direction = "up" if difference > 0 else "down"
    words = days.say(f"change.{direction}", amount=amount)
    return Comparison(direction, words, (difference > 0) == more_is_good)


def _from_little(before: float, days: Span, unit: Unit) -> Comparison:
    """Neither welcome nor not: most of the time a platform or course has just begun."""
    if before == 0:
        return Comparison("up", days.say("change.from_zero"))
    return Comparison("up", days.say("change.from_little", before=show(before, unit)))


def _amount(difference: float, before: float, unit: Unit) -> str | None:
    """The size of a change, or None when it would be written as nothing."""
    if unit is Unit.PERCENT:
        points = round(abs(difference), 1)
        return say("change.points", points=_trim(points)) if points else None
    relative = round(abs(difference) / abs(before) * 100) if before else 0
    return percent(relative) if relative else None


def _trim(value: float) -> str:
    """One decimal below ten unless it is zero; none above."""
    return decimal(value, 1 if abs(value) < 9.95 else 0)


def _plain(value: float) -> str:
    return _trim(value) if value != round(value) else count(value)


def _moment(value: float) -> str:
    # Nothing has happened in 1970: there is no moment yet.
    return moment(from_micros(int(value))) if value > 0 else NOTHING


_NUMERIC: dict[Unit, Callable[[float], str]] = {
    Unit.COUNT: count,
    Unit.PERCENT: percent,
    Unit.SECONDS: span,
    Unit.OFFSET: offset,
    Unit.MONEY: money,
    Unit.BYTES: size,
    Unit.MILLISECONDS: milliseconds,
    Unit.POSITION: position,
    Unit.MOMENT: _moment,
    Unit.DAYS: lambda value: plural("unit.days", round(value)),
    Unit.WEEKDAY: lambda value: say(f"weekday.{round(value)}"),
    Unit.HOUR: lambda value: f"{value:.0f}:00",
}
