"""Video: what each student covered, saw again and left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import NamedTuple

from coursepulse.definitions.coverage import COMPLETE, covered_seconds, merge_segments
from coursepulse.definitions.sittings import WatchSitting, own_segments, sit
from coursepulse.definitions.stats import mean
from coursepulse.events.payloads import Segment
from tests.reference.catalog import CourseCatalog
from tests.reference.coverage import repeated_seconds
from tests.reference.parts import Part, PartVideo
from tests.reference.playback import VideoKey

#: Seconds per bucket of a drop-off curve.
BUCKET = 5.0


class WatchKey(NamedTuple):
    """One student and one video."""

    student_id: bytes
    video: VideoKey


class Watch(NamedTuple):
    """What one student played of one video, over all sessions.

    :param segments: clipped to the duration, sorted, repeats kept
    :param duration: seconds, or None while nobody has said
    """

    segments: tuple[Segment, ...]
    duration: float | None

    @property
    def covered(self) -> float:
        """Distinct seconds played."""
        return covered_seconds(self.segments)

    @property
    def percent(self) -> float | None:
        """Covered seconds in per cent of the duration; None when that is unknown."""
        return None if self.duration is None else min(100.0, 100.0 * self.covered / self.duration)

    @property
    def complete(self) -> bool:
        """Enough was covered, whatever the client claimed."""
        return self.duration is not None and self.covered >= COMPLETE * self.duration

    @property
    def rewatch(self) -> float | None:
        """Share of the covered seconds that was played at least twice; None when nothing was covered."""
        return repeated_seconds(self.segments) / self.covered if self.segments else None


def collect_watches(parts: Iterable[Part], catalog: CourseCatalog) -> dict[WatchKey, Watch]:
    """A watch for each student and video with a video event."""
    rows = list(parts)
    durations = find_durations(rows, catalog)
    sittings: dict[WatchKey, list[WatchSitting]] = defaultdict(list)
    for (student_id, _, video), held in _by_session(rows).items():
        sittings[WatchKey(student_id, video)].append(sit(held, durations.get(video)))
    return {
        key: Watch(tuple(sorted(believed(found))), durations.get(key.video))
        for key, found in sittings.items()
    }


def find_durations(parts: Iterable[Part], catalog: CourseCatalog) -> dict[VideoKey, float]:
    """The catalog's duration of each video, else the largest that anybody's events say."""
    said: dict[VideoKey, float] = {}
    for part in parts:
        for video in part.videos:
            key = VideoKey(part.course_id, video.video_id)
            if video.duration is not None:
                said[key] = max(said.get(key, 0.0), video.duration)
    return said | {key: duration for key, duration in catalog.durations.items() if duration}


def _by_session(parts: Iterable[Part]) -> dict[tuple[bytes, bytes, VideoKey], list[PartVideo]]:
    held: dict[tuple[bytes, bytes, VideoKey], list[PartVideo]] = defaultdict(list)
    for part in parts:
        for video in part.videos:
            held[part.student_id, part.session_id, VideoKey(part.course_id, video.video_id)].append(video)
    return held


def believed(sittings: Iterable[WatchSitting]) -> list[Segment]:
    """What counts of the sittings of one student with one video."""
    every = list(sittings)
    return [segment for sitting in every for segment in own_segments(sitting, every)]


def mean_watched(watches: Iterable[Watch]) -> float | None:
    """Mean watched % over the videos of which something was covered."""
    percents = (watch.percent for watch in watches if watch.segments)
    return mean(percent for percent in percents if percent is not None)


def drop_off(watches: Mapping[WatchKey, Watch], video: VideoKey) -> list[float] | None:
    """For each five seconds of a video its viewers over the viewers of the first; None when nobody saw those.

    The curve ends with the duration, or with the last bucket that anybody saw when that is unknown.
    """
    of_video = [watch for key, watch in watches.items() if key.video == video]
    viewers = Counter(bucket for watch in of_video for bucket in _buckets(watch))
    if not viewers[0]:
        return None
    duration = of_video[0].duration
    length = max(viewers) + 1 if duration is None else ceil(duration / BUCKET)
    return [viewers[bucket] / viewers[0] for bucket in range(length)]


def _buckets(watch: Watch) -> set[int]:
    return {
        bucket
        for start, end in merge_segments(watch.segments)
        for bucket in range(int(start // BUCKET), ceil(end / BUCKET))
    }
