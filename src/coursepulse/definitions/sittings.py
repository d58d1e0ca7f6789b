"""What counts of all that a student played of one video: pairs of events, and what players report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from coursepulse.definitions.coverage import clip_segments, lies_within, overlaps
from coursepulse.definitions.segments import WatchReport
from coursepulse.events.payloads import Segment
from coursepulse.kit.clock import Micros


class HeldWatch(Protocol):
    """What the rollups keep of one session_id, video and day."""

    @property
    def paired(self) -> Iterable[Segment]: ...

    @property
    def reported(self) -> tuple[Segment, ...]: ...

    @property
    def reported_micros(self) -> Micros: ...

    @property
    def reported_at(self) -> Micros | None: ...

    @property
    def reported_by(self) -> bytes | None: ...


class WatchSitting(NamedTuple):
    """What one session_id holds of one video and student, clipped to its length.

    :param paired: the segments between its events
    :param told: when it last reported the most, and in which event; None without a report
    :param reported: the pieces of that report
    """

    paired: Sequence[Segment]
    told: tuple[int, bytes] | None
    reported: Sequence[Segment]


def sit(held: Iterable[HeldWatch], duration: float | None) -> WatchSitting:
    """The longest report of a session_id over its days, and everything that was paired."""
    rows = list(held)
    reports = [
        WatchReport(row.reported_micros, row.reported_at, row.reported_by, row.reported)
        for row in rows
        if row.reported_at is not None and row.reported_by is not None
    ]
    paired = clip_segments((segment for row in rows for segment in row.paired), duration)
    if not reports:
        return WatchSitting(paired, None, ())
    best = max(reports)
    return WatchSitting(paired, (best.at, best.event_id), clip_segments(best.pieces, duration))


def own_segments(sitting: WatchSitting, every: Iterable[WatchSitting]) -> Iterable[Segment]:
    """What a sitting adds. A report that later ones tell again adds only what was played again in those."""
    if sitting.told is None:
        return sitting.paired
    later = [
        each
        for each in every
        if each.told is not None and each.told > sitting.told and lies_within(sitting.reported, each.reported)
    ]
    if not later:
        return sitting.reported
    return overlaps(sitting.reported, [segment for each in later for segment in each.paired])
