"""How good the data of each sender are: what was counted day by day, as one row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.collect.senders import ACCEPTED, CLOCK, DUPLICATE, LATE, REFUSED
from coursepulse.definitions.clocks import middle_of
from coursepulse.metrics.query import Query

COUNTS = "sender_counts"


class _Sender(NamedTuple):
    """What was counted of one sender, and on which day something was counted last."""

    counts: Counter[str]
    last_day: date


def list_senders(found: QueryRows, _: Query) -> list[Row]:
    """One row per sender, the one that sent most first."""
    rows = [_describe(name, sender) for name, sender in _by_sender(found)]
    return sorted(rows, key=lambda row: (-row["events"], row["sender"]))


def list_refusals(found: QueryRows, _: Query) -> list[Row]:
    """One row per sender and reason, the most frequent first."""
    rows = [
        {"sender": row["sender"], "reason": row["what"].removeprefix(REFUSED), "events": row["number"]}
        for row in found[COUNTS]
        if row["what"].startswith(REFUSED)
    ]
    return sorted(rows, key=lambda row: (-row["events"], row["sender"], row["reason"]))


def _by_sender(found: QueryRows) -> Iterator[tuple[str, _Sender]]:
    rows = defaultdict[str, list[Row]](list)
    for row in found[COUNTS]:
        rows[row["sender"]].append(row)
    for name, told in rows.items():
        counts = Counter({row["what"]: row["number"] for row in told})
        yield name, _Sender(counts, max(row["last_day"] for row in told))


def _describe(name: str, sender: _Sender) -> Row:
    counts = sender.counts
    refused = sum(number for what, number in counts.items() if what.startswith(REFUSED))
    sent = counts[ACCEPTED] + refused
    clock = {int(what.removeprefix(CLOCK)): n for what, n in counts.items() if what.startswith(CLOCK)}
    return {
        "sender": name,
        "events": sent,
        "refused": refused,
        "refused_pct": _share(refused, sent),
        "late": counts[LATE],
        "late_pct": _share(counts[LATE], sent),
        "duplicates": counts[DUPLICATE],
        "duplicates_pct": _share(counts[DUPLICATE], counts[ACCEPTED]),
        "clock": middle_of(clock),
        "last_day": sender.last_day,
    }


def _share(part: int, whole: int) -> float | None:
    return 100 * part / whole if whole else None
