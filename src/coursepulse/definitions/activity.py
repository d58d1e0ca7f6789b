"""Days and hours on a learner's own clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from coursepulse.kit.clock import Micros, from_micros

#: Quarter-hours 0..95 of one UTC day with a learning event.
Quarters = tuple[date, Sequence[int]]


def local_today(now: Micros, zone: tzinfo) -> date:
    """The calendar day that ``now`` is in ``zone``."""
    return from_micros(now).astimezone(zone).date()


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; UTC for a learner that the roster does not know."""
    return ZoneInfo(name or "UTC")


def local_times(days: Iterable[Quarters], zone: ZoneInfo) -> Iterator[datetime]:
    """When each quarter-hour begins on the clocks of ``zone``."""
    for day, quarters in days:
        midnight = datetime.combine(day, time(), UTC)
        for quarter in quarters:
            yield (midnight + timedelta(minutes=15 * quarter)).astimezone(zone)
