"""The language that a page speaks and the clock that it shows: sentences from gettext catalogues, the rest from CLDR.

Catalogues are ``locale/<language>/LC_MESSAGES/coursepulse.po``. They are read as they are: a page never shows a
compiled copy that somebody forgot to renew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale, negotiate_locale
from babel.dates import format_date, format_interval, format_skeleton, get_timezone_gmt
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, get_decimal_symbol, get_group_symbol

LOCALES = Path(__file__).parent / "locale"

#: The language of the sentences that every other catalogue is translated from.
SOURCE = "en"

_spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE)

_clock: ContextVar[tzinfo] = ContextVar("clock", default=UTC)


def language() -> str:
    """The language of this request, as an HTML ``lang``."""
    return _spoken.get()


def separators() -> tuple[str, str]:
    """What stands between thousands, and before the fraction of a number."""
    return get_group_symbol(language()), get_decimal_symbol(language())


def languages() -> list[str]:
    """Every language that there is a catalogue for."""
    return _found(LOCALES)


@cache
def _found(locales: Path) -> list[str]:
    return sorted(path.parts[-3] for path in locales.glob("*/LC_MESSAGES/coursepulse.po"))


def best_language(asked: str) -> str:
    """The best of what an ``Accept-Language`` header asks for (RFC 9110 section 12.5.4)."""
    ranked = sorted(map(_ranked, asked.split(",")), key=lambda each: -each[1])
    names = [name for name, weight in ranked if weight > 0]
    return negotiate_locale(names, languages(), sep="-") or SOURCE


def _ranked(part: str) -> tuple[str, float]:
    name, _, weight = part.partition(";")
    try:
        return name.strip(), float(weight.strip().removeprefix("q=") or 1)
    except ValueError:
        return name.strip(), 0


def direction() -> str:
    """``ltr`` or ``rtl``: how the language is written."""
    return _direction(language())


@cache
def _direction(name: str) -> str:
    return Locale.parse(name).text_direction


#: Letters that run from left to right. Numbers alone take their place among Arabic words by themselves.
_LEFT_TO_RIGHT = re.compile("[A-Za-z\u00c0-\u024f\u0370-\u052f]")


def isolate(value: object) -> object:
    """A text as it stands in a sentence: one that runs the other way keeps its own order (UAX #9).

    A sentence in a sentence runs the way of the language, whatever it begins with.
    """
    if not isinstance(value, str) or direction() == "ltr" or not _LEFT_TO_RIGHT.search(value):
        return value
    begin = "\u2067" if "\u2068" in value else "\u2068"
    return f"{begin}{value}\u2069"


def own_name(name: str) -> str:
    """What a language calls itself."""
    return (Locale.parse(name).get_language_name(name) or name).title()


@contextmanager
def speaking(name: str) -> Iterator[None]:
    """Whatever is said until the block ends is said in this language.

    :raises KeyError: when there is no catalogue for it
    """
    _translations(name)
    token = _spoken.set(name)
    try:
        yield
    finally:
        _spoken.reset(token)


def use_language(name: str) -> None:
    """Whatever is said from now on in this request is said in this language."""
    _spoken.set(name)


def use_zone(zone: tzinfo) -> None:
    """Whatever is written from now on in this request is on the clock of ``zone``."""
    _clock.set(zone)


def zone_name() -> str:
    """The zone of the clock that this request shows."""
    return str(_clock.get())


@contextmanager
def on_clock(zone: tzinfo) -> Iterator[None]:
    """Whatever is written until the block ends is on the clock of ``zone``."""
    token = _clock.set(zone)
    try:
        yield
    finally:
        _clock.reset(token)


def translate(key: str) -> str:
    """The sentence for a key.

    :raises KeyError: when no catalogue has it
    """
    return _translations(language()).gettext(key)


def translate_count(key: str, count: int) -> str:
    """The sentence for a key and a number of things, by the plural rule of the language.

    :raises KeyError: when no catalogue has it
    """
    return _translations(language()).ngettext(key, key, count)


def decimal(value: float, digits: int = 0) -> str:
    """A number with the separators of the language, and at most so many digits after the point."""
    # Rounded before: Babel rounds what a number is written as, Python what it is.
    return _decimal(round(value, digits), digits, language())


#: A chart says the same few counts and shares many hundred times, and Babel takes 10 µs for each.
@lru_cache(maxsize=8192)
def _decimal(value: float, digits: int, locale: str) -> str:
    return format_decimal(value, format="#,##0." + "#" * digits, locale=locale)


def cents(value: float) -> str:
    """An amount of money without its currency: 1,234.50."""
    return format_decimal(round(value, 2), format="#,##0.00", locale=language())


def month(value: date) -> str:
    """A month: Nov 2026."""
    return format_skeleton("yMMM", value, locale=language())


def fixed(value: float, digits: int) -> str:
    """A number with exactly so many digits after the point."""
    return format_decimal(value, format="#,##0." + "0" * digits, locale=language())


def day(value: date) -> str:
    """A day: Nov 2, 2026."""
    return format_date(value, "medium", locale=language())


def country(code: str) -> str | None:
    """The name of a country; None if there is no such code."""
    return Locale.parse(language()).territories.get(code)


def short_day(value: date, *, year: bool = False) -> str:
    """A day on an axis: Nov 2, and Nov 2, 2026 with the year."""
    return day(value) if year else format_skeleton("MMMd", value, locale=language())


def days(first: date, last: date) -> str:
    """A span of days: Nov 2 – 29, 2026."""
    return format_interval(first, last, "yMMMd", locale=language())


def moment(value: datetime, *, seconds: bool = False) -> str:
    """A moment to the minute or second, on the reader's clock, with its zone: Nov 2, 2026, 14:05 UTC."""
    local = value.astimezone(_clock.get())
    return translate("unit.moment").format(
        day=day(local.date()), time=_time(local, "Hms" if seconds else "Hm")
    )


def time_of_day(value: datetime, *, seconds: bool = False) -> str:
    """The time of a moment, on the reader's clock, with its zone: 14:05 UTC."""
    return _time(value.astimezone(_clock.get()), "Hms" if seconds else "Hm")


def day_here(value: datetime) -> date:
    """The day of a moment, on the reader's clock."""
    return value.astimezone(_clock.get()).date()


def minute_of_day(value: datetime) -> str:
    """A moment on an axis, on the reader's clock: 14:05."""
    return format_skeleton("Hm", value.astimezone(_clock.get()).replace(tzinfo=None), locale=language())


def _time(local: datetime, skeleton: str) -> str:
    # Babel brings what it writes to UTC first.
    clock = format_skeleton(skeleton, local.replace(tzinfo=None), locale=language())
    return f"{clock} {_zone_of(local)}"


def _zone_of(local: datetime) -> str:
    """UTC, or how far the clock is from it: abbreviations such as CST mean several zones."""
    offset = local.utcoffset()
    return get_timezone_gmt(local, "long", locale=language()) if offset else "UTC"


class _NoSentence(NullTranslations):
    """At the end of every chain of catalogues: a page says sentences and never their keys."""

    def gettext(self, message: str) -> str:
        raise KeyError(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:  # noqa: ARG002
        raise KeyError(msgid1)


def _translations(name: str) -> NullTranslations:
    return _catalogue(LOCALES, name)


@cache
def _catalogue(locales: Path, name: str) -> NullTranslations:
    path = locales / name / "LC_MESSAGES" / "coursepulse.po"
    if not path.is_file():
        raise KeyError(name)
    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=name))
    compiled.seek(0)
    translations = GNUTranslations(compiled)
    translations.add_fallback(_NoSentence() if name == SOURCE else _catalogue(locales, SOURCE))
    return translations
