"""What the pages say. The sentences stand in the catalogues under ``locale``; here they get their values."""

from __future__ import annotations

from collections.abc import Iterable

from coursepulse.dashboards.language import decimal, isolate, translate, translate_count


def say(key: str, **values: object) -> str:
    """The sentence for ``key`` with its values filled in.

    :raises KeyError: when there is none
    """
    return translate(key).format(**{name: isolate(value) for name, value in values.items()})


def say_or(key: str, other: str) -> str:
    """The sentence for ``key``, or ``other`` where no catalogue has one."""
    return say(key) if has_words(key) else other


def plural(key: str, count: int) -> str:
    """The sentence for a number of things, by the plural rule of the language.

    :raises KeyError: when there is none
    """
    return translate_count(key, count).format(count=decimal(count))


def enumerated(parts: Iterable[str]) -> str:
    """Several things one after the other."""
    return say("list.between").join(parts)


def reasoned(parts: Iterable[str]) -> str:
    """Several reasons, dates or sentences one after the other: they may hold commas themselves."""
    return say("list.between_reasons").join(parts)


def has_words(key: str) -> bool:
    """Whether there is a sentence for ``key``."""
    try:
        translate(key)
    except KeyError:
        return False
    return True
