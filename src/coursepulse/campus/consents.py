"""What a student agreed to. Rows are only added; the latest one by its own time counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from coursepulse.campus.verdicts import RowFault, Trouble
from coursepulse.events.event import Id
from coursepulse.kit.clock import MINUTE, Micros, to_micros

#: How far a platform's clock may run ahead of ours; the collector allows events as much.
AHEAD: Micros = 5 * MINUTE

_MICROSECOND = timedelta(microseconds=1)


class ConsentRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One decision of one student about one purpose.

    :param text_version: the version of the text that the student saw
    :param source: where the decision was made, such as ``sign-up`` or ``privacy-centre``
    :param at: when it was made; the latest one counts, whatever the order of arrival
    """

    external_id: Id
    purpose: str
    granted: bool
    text_version: Annotated[str, Meta(max_length=64)] = ""
    source: Annotated[str, Meta(max_length=64)] = ""
    at: Annotated[datetime, Meta(tz=True)]


class Decided(NamedTuple):
    """One decision of a student's history."""

    purpose: str
    granted: bool
    text_version: str
    source: str
    at: datetime


def decided_here(present: datetime, earlier: Iterable[datetime]) -> datetime:
    """The time of a decision made here and now.

    It is later than every earlier decision of that person, even if a clock ran ahead then, so that it counts.
    """
    return max([present, *(at + _MICROSECOND for at in earlier)])


def consent_checker(purposes: Collection[str], now: Micros) -> Callable[[ConsentRow], Iterator[Trouble]]:
    """A check of consents against the known purposes and the current time."""

    def check(row: ConsentRow) -> Iterator[Trouble]:
        if row.purpose not in purposes:
            known = ", ".join(sorted(purposes))
            yield Trouble(
                RowFault.UNKNOWN_PURPOSE,
                "$.purpose",
                f"`{row.purpose[:64]}` is not a purpose; choose from {known}.",
            )
        # A decision dated in the future would override every later one until then.
        if to_micros(row.at) > now + AHEAD:
            yield Trouble(
                RowFault.TIMESTAMP_IN_FUTURE, "$.at", "The decision is dated in the future; check the clock."
            )
        if row.at.year < 1990:
            yield Trouble(
                RowFault.INVALID_VALUE, "$.at", "The decision is dated before 1990; check the clock."
            )

    return check
