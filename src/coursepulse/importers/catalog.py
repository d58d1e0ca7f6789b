"""Courses inferred from events: even a source without a catalog names its videos and their durations."""

from __future__ import annotations

from coursepulse.campus.courses import Course, Video
from coursepulse.events.event import Envelope


class CatalogBuilder:
    """Collects courses, and videos with the longest duration that a player reported.

    Lessons and assessments are left to the platform's own catalog: a list of only what was opened would make
    every course look nearly complete.
    """

    def __init__(self) -> None:
        self._durations: dict[str, dict[str, float]] = {}
        self._titles: dict[str, str] = {}

    def learn(self, event: Envelope, identifier: str = "", title: str = "") -> None:
        """Adds one event, and the title of the object with this identifier."""
        course, video = event.context.course_id, event.context.video_id
        if not course:
            return
        videos = self._durations.setdefault(course, {})
        duration = event.payload.get("video_duration")
        if video and duration:
            videos[video] = max(videos.get(video, 0.0), duration)
        if title and identifier in (course, video):
            self._titles[identifier] = title[:300]

    def courses(self) -> list[Course]:
        """Everything collected so far, in the order of the ids."""
        return [
            Course(
                course_id=course,
                title=self._titles.get(course, course),
                videos=tuple(
                    Video(video_id=video, title=self._titles.get(video, ""), duration_s=duration)
                    for video, duration in sorted(videos.items())
                ),
            )
            for course, videos in sorted(self._durations.items())
        ]
