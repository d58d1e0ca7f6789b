"""How good the data of senders and courses are, counted event by event."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, Micros


class Sent(NamedTuple):
    """One event as a sender brought it.

    :param reason: why it was refused, empty when it was accepted
    """

    sender: str
    received_at: Micros
    at: Micros
    reason: str
    again: bool = False


def count_sent(sent: Iterable[Sent]) -> dict[tuple[int, str, str], int]:
    """By UTC day, sender and what was counted."""
    found = defaultdict[tuple[int, str, str], int](int)
    for each in sent:
        day = each.received_at // DAY
        found[day, each.sender, f"refused:{each.reason}" if each.reason else "accepted"] += 1
        if each.received_at - each.at > HOUR:
            found[day, each.sender, "late"] += 1
        if each.again:
            found[day, each.sender, "duplicate"] += 1
    return dict(found)


def count_courses(events: Iterable[Event], known: Collection[str]) -> list[tuple[str, int, int]]:
    """Courses without lessons in the catalog, with their events and learners, the busiest first."""
    learners, counts = defaultdict[str, set[bytes]](set), defaultdict[str, int](int)
    for event in {each.event_id: each for each in events}.values():
        if event.course_id and event.course_id not in known and not event.event_type.startswith("x_"):
            counts[event.course_id] += 1
            learners[event.course_id].add(event.student_id)
    rows = [(course, number, len(learners[course])) for course, number in counts.items()]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def count_players(events: Iterable[Event]) -> list[tuple[str, int, int]]:
    """Courses whose player never pauses, with starts and learners, the busiest first."""
    by_course = defaultdict[str, list[Event]](list)
    for event in {each.event_id: each for each in events}.values():
        if event.course_id and event.event_type.startswith("video_"):
            by_course[event.course_id].append(event)
    rows = []
    for course, found in by_course.items():
        plays = sum(each.event_type == "video_play" for each in found)
        learners = len({each.student_id for each in found})
        paused = any(each.event_type == "video_pause" for each in found)
        if plays >= 20 and learners >= 5 and not paused:
            rows.append((course, plays, learners))
    return sorted(rows, key=lambda row: (-row[1], row[0]))
