"""Who looked at a record, as its student reads it: one line per look, not one per number on a page."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from coursepulse.audit.chain import Link
from coursepulse.kit.clock import MINUTE, Micros


class Access(NamedTuple):
    """One look.

    :param actor: the account or key
    :param subject: the student, or the course when it was a list of a class
    :param actions: what was done: ``read``, ``export``, ``refused`` …
    :param details: what was looked at, in the words of the entries, without repetition
    :param number: of the oldest entry in it
    """

    at: Micros
    actor: str
    role: str
    purpose: str
    subject: str
    actions: tuple[str, ...]
    details: tuple[str, ...]
    number: int


def group(links: Iterable[Link]) -> list[Access]:
    """Entries, newest first, as looks: neighbours of one actor in one request, or in one minute without one."""
    return [_merge(list(some)) for _, some in groupby(links, key=_look)]


def _look(link: Link) -> tuple[str, str, str, str]:
    entry = link.entry
    return entry.actor, entry.purpose, entry.subject, entry.request_id or str(entry.at // MINUTE)


def _merge(links: list[Link]) -> Access:
    entries = [link.entry for link in links]
    first = entries[-1]
    return Access(
        at=first.at,
        actor=first.actor,
        role=first.role,
        purpose=first.purpose,
        subject=first.subject,
        actions=tuple(dict.fromkeys(entry.tag.rpartition(":")[2] for entry in reversed(entries))),
        details=tuple(dict.fromkeys(entry.detail for entry in reversed(entries))),
        number=links[-1].number,
    )
