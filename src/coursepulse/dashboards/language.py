"""The language that a page speaks and the clock that it shows: sentences from gettext catalogues, the rest from CLDR.

Catalogues are ``locale/<language>/LC_MESSAGES/coursepulse.po``. They are read as they are: a page never shows a
compiled copy that somebody forgot to renew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, tzinfo
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.core import Locale
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


def direction() -> str:
    """Where this language begins a line, as an HTML ``dir``."""
    return str(Locale.parse(language()).text_direction)


def separators() -> tuple[str, str]:
    """What stands between thousands, and before the fraction of a number."""
    return get_group_symbol(language()), get_decimal_symbol(language())


def languages() -> list[str]:
    """Every language that there is a catalogue for."""
    return sorted(path.parts[-3] for path in LOCALES.glob("*/LC_MESSAGES/coursepulse.po"))


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


def moment(value: datetime) -> str:
    """A moment to the minute, on the reader's clock, with its zone: Nov 2, 2026, 14:05 UTC."""
    local = value.astimezone(_clock.get())
    return f"{day(local.date())}, {_time(local, 'Hm')}"


def time_of_day(value: datetime, *, seconds: bool = False) -> str:
    """The time of a moment, on the reader's clock, with its zone: 14:05 UTC."""
    return _time(value.astimezone(_clock.get()), "Hms" if seconds else "Hm")


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
