"""What a student really played of each video, made of everything that the student's sessions hold of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby
from math import fsum
from typing import NamedTuple
from uuid import UUID

from coursepulse.aggregates.row import QueryRows, Row
from coursepulse.definitions.coverage import COMPLETE, Stretch, cut_stretches
from coursepulse.definitions.sittings import WatchSitting, own_segments, sit
from coursepulse.events.payloads import Segment
from coursepulse.kit.clock import Micros, to_micros
from coursepulse.metrics.query import Query

#: The query behind it.
SITTINGS = "student_sittings"


class Held(NamedTuple):
    """One row: what a session holds of a video on a day."""

    day: date
    paired: tuple[Segment, ...]
    reported: tuple[Segment, ...]
    reported_micros: Micros
    reported_at: Micros | None
    reported_by: bytes | None


class Told(NamedTuple):
    """What one session adds to what is covered, and the days on which it played."""

    days: tuple[date, ...]
    segments: tuple[Segment, ...]


class Covered(NamedTuple):
    """What is covered of one video.

    :param duration: seconds, None while nobody has said
    """

    stretches: tuple[Stretch, ...]
    told: tuple[Told, ...]
    duration: float | None

    @property
    def seconds(self) -> float:
        """Distinct seconds played."""
        return fsum(each.length for each in self.stretches)

    @property
    def repeated(self) -> float:
        """Seconds played at least twice."""
        return fsum(each.length for each in self.stretches if each.times > 1)


def list_videos(found: QueryRows, _: Query) -> list[Row]:
    """One row per video of which something was covered."""
    by_video = groupby(found[SITTINGS], key=lambda row: (row["course_id"], row["video_id"]))
    rows = (_row(course, video, cover(list(held))) for (course, video), held in by_video)
    return [row for row in rows if row["covered"] > 0]


def _row(course: str, video: str, covered: Covered) -> Row:
    seconds, duration = covered.seconds, covered.duration
    return {
        "course_id": course,
        "video_id": video,
        "duration": duration,
        "covered": seconds,
        "watched_pct": min(100.0, 100 * seconds / duration) if duration else None,
        "complete": duration is not None and seconds >= COMPLETE * duration,
        "rewatch_pct": 100 * covered.repeated / seconds if seconds else None,
    }


def cover(rows: Sequence[Row]) -> Covered:
    """What the rows of one video come to."""
    duration = rows[0]["duration"]
    sessions: dict[UUID, list[Held]] = defaultdict(list)
    for row in rows:
        sessions[row["session_id"]].append(_held(row))
    told = _tell(list(sessions.values()), duration)
    stretches = cut_stretches(segment for each in told for segment in each.segments)
    return Covered(tuple(stretches), told, duration)


def _tell(sessions: Sequence[Sequence[Held]], duration: float | None) -> tuple[Told, ...]:
    sittings: list[WatchSitting] = [sit(held, duration) for held in sessions]
    return tuple(
        Told(tuple(sorted(each.day for each in held)), tuple(own_segments(sitting, sittings)))
        for held, sitting in zip(sessions, sittings, strict=True)
    )


def _held(row: Row) -> Held:
    at, by = row["reported_at"], row["reported_by"]
    return Held(
        row["day"],
        _pieces(row["paired"]),
        _pieces(row["reported"]),
        row["reported_micros"],
        None if at is None else to_micros(at),
        None if by is None else by.bytes,
    )


def _pieces(pieces: Iterable[Row]) -> tuple[Segment, ...]:
    """The driver reads named tuples as dictionaries."""
    return tuple((piece["start_s"], piece["end_s"]) for piece in pieces)
