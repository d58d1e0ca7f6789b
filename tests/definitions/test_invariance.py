"""The headline promise: shuffle, repeat or split a log and every number stays; and what no log may ever bring out."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from coursepulse.definitions.consistency import consistency_score
from coursepulse.definitions.risk import judge_risk
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, HOUR, utc_date
from coursepulse.kit.ids import NIL, to_bytes
from tests.reference import lessons, video
from tests.reference.assignments import collect_assignments
from tests.reference.catalog import NO_CATALOG, CourseCatalog
from tests.reference.course_day import course_days
from tests.reference.course_metrics import course_metrics
from tests.reference.engagement import weekly_engagement
from tests.reference.order import in_order
from tests.reference.parts import parts
from tests.reference.playback import VideoKey
from tests.reference.quizzes import collect_quizzes, first_tries
from tests.reference.retention import CohortStep, count_registered, retain_cohorts
from tests.reference.risk_inputs import gather_inputs
from tests.reference.sessions import split_sessions
from tests.support.event_logs import CATALOG, START, STUDENTS, event_logs

MONDAY = date(2026, 3, 2)
NOW = START + 9 * DAY
V1 = VideoKey("c1", "v1")
ZONES = {STUDENTS[0]: ZoneInfo("Asia/Kolkata"), STUDENTS[1]: ZoneInfo("America/Los_Angeles")}

fast = settings(max_examples=40, deadline=None)


def watches(events: list[Event], catalog: CourseCatalog = CATALOG) -> dict[video.WatchKey, video.Watch]:
    return video.collect_watches(parts(events).values(), catalog)


def every_number(events: list[Event]) -> dict[str, Any]:
    days = list(course_days(events).values())
    facts = gather_inputs(events, CATALOG, "c1", NOW)
    watched = watches(events)
    return {
        "parts": parts(events),
        "days": course_days(events),
        "metrics": course_metrics(events, CATALOG, ZONES),
        "watches": {key: (each.covered, each.percent, each.rewatch) for key, each in watched.items()},
        "video drop-off": video.drop_off(watched, V1),
        "lesson drop-off": lessons.drop_off(days, CATALOG, "c1"),
        "quizzes": {key: (each, each.average) for key, each in collect_quizzes(days, CATALOG).items()},
        "first tries": first_tries(events),
        "assignments": collect_assignments(days),
        "engagement": weekly_engagement(days, "c1", MONDAY),
        "cohorts": [retain_cohorts(events, unit, NOW) for unit in CohortStep],
        "registered": [count_registered(events, "c1", MONDAY, day) for day in (0, 1, 5)],
        "risk": {student: judge_risk(each) for student, each in facts.items()},
    }


@fast
@given(event_logs(), st.randoms(use_true_random=False))
def test_shuffling_and_repeating_changes_nothing(events: list[Event], random: Any) -> None:
    shaken = [*events, *random.choices(events, k=len(events) // 2)]
    random.shuffle(shaken)
    assert every_number(shaken) == every_number(events)


@fast
@given(event_logs())
def test_part_depends_on_three_days_of_its_session_id(events: list[Event]) -> None:
    for key, part in parts(events).items():
        near = [
            event
            for event in events
            if (event.student_id, event.session_id) == key[:2]
            and abs((utc_date(event.at) - key.day).days) <= 1
        ]
        assert parts(near)[key] == part


@fast
@given(event_logs())
def test_every_event_is_in_one_part(events: list[Event]) -> None:
    counted = [event for event in events if not event.event_type.startswith("x_")]
    assert sum(part.events for part in parts(events).values()) == len(counted)
    assert sum(day.events for day in course_days(events).values()) == len(counted)


@fast
@given(event_logs())
def test_coverage_stays_within_the_video(events: list[Event]) -> None:
    for catalog in (CATALOG, NO_CATALOG):
        for watch in watches(events, catalog).values():
            assert watch.covered <= (watch.duration or float("inf")) + 1e-9
            assert 0 <= (watch.percent or 0) <= 100
            assert 0 <= (watch.rewatch or 0) <= 1 + 1e-9


@fast
@given(event_logs(sessions=2, steps=15))
def test_time_on_task_fits_into_the_sessions(events: list[Event]) -> None:
    ordered = sorted(in_order(events), key=_owner)
    wall = {
        owner: sum(session[-1].at - session[0].at for session in split_sessions(list(group)))
        for owner, group in groupby(ordered, key=_owner)
    }
    spent = dict.fromkeys(wall, 0)
    for key, part in parts(events).items():
        time = part.time_video + part.time_quiz + part.time_reading
        assert time >= 0
        spent[key.student_id, key.session_id] += time
    assert all(spent[owner] <= (0 if owner[1] == NIL else wall[owner]) for owner in wall)


def _owner(event: Event) -> tuple[bytes, bytes]:
    return event.student_id, event.session_id


@fast
@given(event_logs(), event_logs(sessions=1))
def test_another_session_never_lowers_coverage(events: list[Event], more: list[Event]) -> None:
    session_id = to_bytes("another", "session")
    added = [
        msgspec.structs.replace(event, event_id=to_bytes(f"more{n}", "event"), session_id=session_id)
        for n, event in enumerate(more)
    ]
    for catalog in (CATALOG, NO_CATALOG):
        before, after = watches(events, catalog), watches(events + added, catalog)
        for key, watch in before.items():
            # The first to tell the length says that nothing beyond it was covered.
            if (watch.duration is None) == (after[key].duration is None):
                assert after[key].covered >= watch.covered - 1e-6


@fast
@given(event_logs(sessions=1, steps=15), st.integers(0, 20 * HOUR))
def test_one_more_page_view_never_lowers_time(events: list[Event], offset: int) -> None:
    session_id = to_bytes("reading", "session")
    log = [
        msgspec.structs.replace(each, student_id=STUDENTS[0], session_id=session_id, event_type="forum_view")
        for each in events
        if each.at < START + 20 * HOUR  # a run of a day is cut, and the gap across the cut is gone
    ]
    view = Event(to_bytes("view", "event"), "forum_view", START + offset, STUDENTS[0], session_id)
    assert _time_spent([*log, view]) >= _time_spent(log)


def _time_spent(events: list[Event]) -> int:
    return sum(part.time_reading for part in parts(events).values())


@given(st.sets(st.integers(-2, 40)), st.integers(-2, 40))
def test_one_more_active_day_never_lowers_consistency(offsets: set[int], another: int) -> None:
    days = {MONDAY - timedelta(days=offset) for offset in offsets}
    before = consistency_score(days, MONDAY)
    assert 0 <= before <= consistency_score({*days, MONDAY - timedelta(days=another)}, MONDAY) + 1e-12
    assert before <= 1
