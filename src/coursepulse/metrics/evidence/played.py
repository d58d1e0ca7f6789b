"""Why as much of a video is covered as is: the stretches that were played, each once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from coursepulse.aggregates.row import Row
from coursepulse.definitions.coverage import Stretch
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.finish.sittings import SITTINGS, Told, cover
from coursepulse.metrics.metric import Column, Unit


def _list_stretches(facts: Facts) -> list[Row]:
    named = (facts.row["course_id"], facts.row["video_id"])
    rows = [row for row in facts.found[SITTINGS] if (row["course_id"], row["video_id"]) == named]
    covered = cover(rows)
    return [
        {
            "start": stretch.start,
            "end": stretch.end,
            "times": stretch.times,
            "days": [day.isoformat() for day in sorted({*_days(stretch, covered.told)})],
            "seconds": stretch.length,
            "again": stretch.length if stretch.times > 1 else 0.0,
        }
        for stretch in covered.stretches
    ]


def _days(stretch: Stretch, told: tuple[Told, ...]) -> Iterator[date]:
    """On which days somebody played in it: a session that runs over midnight has two."""
    for each in told:
        if any(start < stretch.end and end > stretch.start for start, end in each.segments):
            yield from each.days


_COLUMNS = (
    Column("start", Unit.POSITION, "From", "where it begins"),
    Column("end", Unit.POSITION, "To", "where it ends"),
    Column("times", Unit.COUNT, "Times played", "how often it was played"),
    Column("days", Unit.LIST, "On", "UTC days of the sessions that played it"),
    Column("seconds", Unit.SECONDS, "Covered", "its length, which counts once"),
    Column("again", Unit.SECONDS, "Again", "its length if it was played at least twice, else 0"),
)

COVERED = Proof(ItemRule.SUM, "stretches", _COLUMNS, _list_stretches, amount="seconds")
WATCHED = Proof(ItemRule.PART, "stretches", _COLUMNS, _list_stretches, amount="seconds", of="duration")
AGAIN = Proof(ItemRule.SHARE, "stretches", _COLUMNS, _list_stretches, amount="again", of="seconds")
