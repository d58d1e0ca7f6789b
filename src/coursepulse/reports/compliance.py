"""What an auditor asks for first, counted over a period. No student is named in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from coursepulse.audit.chain import Verification
from coursepulse.kit.clock import Micros, from_micros


class ConsentCounts(msgspec.Struct, frozen=True):
    """Decisions of students about one purpose.

    :param given: yes, in the period
    :param withdrawn: no, in the period
    :param agreeing: students who agree at the end of the period
    """

    purpose: str
    given: int
    withdrawn: int
    agreeing: int


class Requests(msgspec.Struct, frozen=True):
    """Requests of students about their data that came in the period.

    :param late: took, or are taking, over a month (GDPR article 12(3))
    :param median_hours: of those that are done, from the request to its receipt
    """

    kind: str
    mode: str
    asked: int
    done: int
    late: int
    median_hours: float | None
    longest_hours: float | None


class Accesses(msgspec.Struct, frozen=True):
    """Entries of the audit trail with one tag, by people of one role.

    :param actors: different accounts and keys
    """

    role: str
    tag: str
    entries: int
    actors: int


class Refusals(msgspec.Struct, frozen=True):
    """Requests that were refused for one reason."""

    role: str
    tag: str
    reason: str
    entries: int


class AccessGrantRow(msgspec.Struct, frozen=True):
    """A record that somebody opened by break-glass; the reason stands in the list of openings under ``number``.

    :param kind: ``record``, or ``account`` for one that was tied to a student, or ``key`` for a new one that reads
    """

    number: int
    account: str
    role: str
    opened_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str
    kind: str


class RetentionCounts(msgspec.Struct, frozen=True):
    """What retention removed of one kind."""

    what: str
    runs: int
    removed: int
    last_at: datetime
    oldest_left: datetime | None


class Chain(msgspec.Struct, frozen=True):
    """What walking the whole audit trail found, whatever the period.

    :param checked: entries that hold
    :param broken: the first that does not, null when all is well
    :param head: number of the last that holds
    """

    holds: bool
    checked: int
    broken: int | None
    reason: str
    head: int
    head_hash: str


class Compliance(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """The report.

    :param start: not before
    :param end: before
    """

    start: datetime
    end: datetime
    made_at: datetime
    version: str
    chain: Chain
    consents: list[ConsentCounts]
    requests: list[Requests]
    accesses: list[Accesses]
    refusals: list[Refusals]
    openings: list[AccessGrantRow]
    retention: list[RetentionCounts]


def shape_report(
    rows: Mapping[str, Sequence[tuple[Any, ...]]],
    verdict: Verification,
    *,
    start: Micros,
    end: Micros,
    now: Micros,
    version: str,
) -> Compliance:
    """The report of a period.

    :param rows: of each part, as :class:`coursepulse.store.postgres.compliance.ComplianceRows` reads them
    """
    return Compliance(
        start=from_micros(start),
        end=from_micros(end),
        made_at=from_micros(now),
        version=version,
        chain=_chain(verdict),
        consents=[ConsentCounts(*row) for row in rows["consents"]],
        requests=[_requests(*row) for row in rows["requests"]],
        accesses=[Accesses(*row) for row in rows["accesses"]],
        refusals=[Refusals(*row) for row in rows["refusals"]],
        openings=[AccessGrantRow(*row) for row in rows["openings"]],
        retention=[RetentionCounts(*row) for row in rows["retention"]],
    )


def _chain(verdict: Verification) -> Chain:
    head = verdict.head
    return Chain(
        verdict.broken is None, verdict.checked, verdict.broken, verdict.reason, head.number, head.hash.hex()
    )


def _requests(
    kind: str, mode: str, asked: int, done: int, late: int, median: float | None, longest: float | None
) -> Requests:
    return Requests(kind, mode, asked, done, late, _hours(median), _hours(longest))


def _hours(hours: float | None) -> float | None:
    """To the hundredth, in every form alike."""
    return None if hours is None else round(float(hours), 2)
