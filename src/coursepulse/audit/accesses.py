"""The access log as a student reads it: one line per access, not one per number on a page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from coursepulse.audit.chain import Link
from coursepulse.kit.clock import MINUTE, Micros

#: An open screen asks again for every new number: an access ends after this long without a question.
PAUSE = 5 * MINUTE


class Done(NamedTuple):
    """Tag and detail of an entry."""

    tag: str
    detail: str


class Access(NamedTuple):
    """One access.

    :param at: its first entry, and ``until`` its last
    :param actor: the account or key
    :param subject: the student, or the course or team when it was a list of one
    :param actions: what was done: ``read``, ``export``, ``refused`` …
    :param things: what was seen or done, in the words of the entries, without repetition
    :param number: the number of its oldest entry
    """

    at: Micros
    until: Micros
    actor: str
    role: str
    purpose: str
    subject: str
    actions: tuple[str, ...]
    things: tuple[Done, ...]
    number: int


def group(links: Iterable[Link]) -> list[Access]:
    """Groups entries, newest first, into accesses: one actor, one subject, one reason, no pause.

    A refusal is an access of its own. Accesses may overlap in time.
    """
    looks: list[list[Link]] = []
    under_way: dict[tuple[object, ...], list[Link]] = {}
    for link in links:
        look = under_way.get(_same(link))
        if look is None or look[-1].entry.at - link.entry.at > PAUSE:
            look = under_way[_same(link)] = []
            looks.append(look)
        look.append(link)
    return [_merge(look) for look in looks]


def _same(link: Link) -> tuple[object, ...]:
    entry = link.entry
    return entry.actor, entry.purpose, entry.subject, entry.tag.endswith(":refused")


def _merge(links: list[Link]) -> Access:
    entries = [link.entry for link in links]
    first = entries[-1]
    return Access(
        at=first.at,
        until=entries[0].at,
        actor=first.actor,
        role=first.role,
        purpose=first.purpose,
        subject=first.subject,
        actions=tuple(dict.fromkeys(entry.tag.rpartition(":")[2] for entry in reversed(entries))),
        things=tuple(dict.fromkeys(Done(entry.tag, entry.detail) for entry in reversed(entries))),
        number=links[-1].number,
    )
