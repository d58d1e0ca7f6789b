"""Time zones as tables, for stores that cannot look up a zone per row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
#: No rule in the tz database begins later, and 32-bit seconds end soon after.
_LAST = datetime(2037, 12, 31, tzinfo=UTC)
#: No zone has ever kept an offset for less than this before returning to the previous one.
_STRIDE = timedelta(days=7)


class Offsets(NamedTuple):
    """From ``starts[i]`` on, the zone is ``offsets[i]`` seconds east of UTC; the first start is 1970-01-01."""

    starts: list[datetime]
    offsets: list[int]


@lru_cache(maxsize=1024)
def list_offsets(time_zone: str) -> Offsets:
    """Every change of offset of an IANA zone from 1970 to 2037.

    :raises zoneinfo.ZoneInfoNotFoundError: for a name that is not in the tz database
    """
    zone = ZoneInfo(time_zone)
    found = Offsets([_FIRST], [_offset(zone, _FIRST)])
    moment = _FIRST
    while moment < _LAST:
        following = moment + _STRIDE
        if _offset(zone, following) != found.offsets[-1]:
            change = _find_change(zone, moment, following)
            found.starts.append(change)
            found.offsets.append(_offset(zone, change))
        moment = following
    return found


def _offset(zone: ZoneInfo, moment: datetime) -> int:
    return int((moment.astimezone(zone).utcoffset() or timedelta()).total_seconds())


def _find_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second between two moments at which the offset changes."""
    low, high = 0, int((after - before).total_seconds())
    old = _offset(zone, before)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(zone, before + timedelta(seconds=middle)) == old:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def find_zone(name: str) -> ZoneInfo | None:
    """A time zone by its IANA name; None if there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
