"""The language that a page speaks: sentences from gettext catalogues, numbers and dates by the rules of CLDR.

Catalogues are ``locale/<language>/LC_MESSAGES/coursepulse.po``. They are read as they are: a page never shows a
compiled copy that somebody forgot to renew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel.dates import format_date, format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LOCALES = Path(__file__).parent / "locale"

#: The language of the sentences that every other catalogue is translated from.
SOURCE = "en"

_spoken: ContextVar[str] = ContextVar("spoken", default=SOURCE)


def language() -> str:
    """The language of this request, as an HTML ``lang``."""
    return _spoken.get()


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


def day(value: date) -> str:
    """A day: Nov 2, 2026."""
    return format_date(value, "medium", locale=language())


def moment(value: datetime) -> str:
    """A moment to the minute, on the clock that ``value`` is on: Nov 2, 2026, 14:05."""
    clock = format_skeleton("Hm", value, locale=language())
    return f"{day(value)}, {clock}"


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
