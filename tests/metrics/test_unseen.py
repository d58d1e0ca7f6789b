"""What an unseen student did decides nothing that the viewer is shown.

Two worlds differ only in what two students did: Uma, who is seen one by one by nobody here, and Lou, who has left. An
attacker asks every metric about groups, week by week, in every order, as screen and as file, and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, NamedTuple

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.events.decode import decode
from coursepulse.kit.clock import to_micros
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param, Scope
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table, to_csv
from coursepulse.store.postgres.connect import open_pool
from tests.reference.catalog import AssessmentKey, CourseCatalog
from tests.reference.playback import VideoKey
from tests.support.campus_world import World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.long import LONG
from tests.support.postgres import Server
from tests.support.vectors import to_event

pytestmark = pytest.mark.slow

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
TODAY = NOW.date()
OTHERS = [f"s{n}" for n in range(12)]

#: Of "few" all are seen but Uma; "many" has enough of those who are not; Lou has left "left".
CLASSES = {"few": ["uma", *OTHERS[:3]], "many": ["uma", *OTHERS], "left": ["lou", *OTHERS]}
TEAMS = {"alone": ["uma", *OTHERS[:4]], "pair": ["uma", *OTHERS[:5]], "enough": ["uma", *OTHERS]}
SHARING = OTHERS[:4]

ADMIN = Viewer(role=Role.ADMIN, subject="account:admin")
OPENED = msgspec.structs.replace(ADMIN, opened=frozenset(map(pseudonym, OTHERS[:4])))
LEADER = Viewer(role=Role.MANAGER, subject="account:mia", team_ids=frozenset(TEAMS), organisation_id="acme")
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=frozenset({"left"}))

#: Days on which only those learn who are not seen, the last of them today; the others learn on other days.
SECRET, COMMON = (20, 13, 9, 6, 3, 0), (2, 12, 19)


def event(
    course: str, who: str, at: datetime, kind: str, payload: Any = None, **places: str
) -> dict[str, Any]:
    return {
        "event_id": f"{course} {who} {at.isoformat()} {kind}",
        "event_type": kind,
        "timestamp": at.isoformat(),
        "student_id": who,
        "session_id": f"{course}-{who}-{at.date()}",
        "context": {"course_id": course, **places},
        "payload": payload or {},
    }


def visit(course: str, who: str, ago: int, score: int, name: str = "") -> Iterator[dict[str, Any]]:
    """A lesson, a video and a quiz on one day; ``name`` for some that nobody else has touched."""
    at = NOW - timedelta(days=ago, hours=1)
    lesson, video, quiz = f"l1{name}", f"v1{name}", f"q1{name}"
    answer = {"question_id": "1", "is_correct": score > 50}
    yield event(course, who, at, "lesson_start", lesson_id=lesson)
    yield event(course, who, at + timedelta(minutes=1), "video_play", {"current_time": 0}, video_id=video)
    yield event(course, who, at + timedelta(minutes=4), "video_pause", {"current_time": 180}, video_id=video)
    yield event(course, who, at + timedelta(minutes=5), "quiz_answer", answer, assessment_id=quiz)
    yield event(course, who, at + timedelta(minutes=6), "quiz_submit", {"score": score}, assessment_id=quiz)
    yield event(course, who, at + timedelta(minutes=7), "lesson_complete", lesson_id=lesson)


def history() -> Iterator[dict[str, Any]]:
    """Everybody enrols, all but two learn."""
    for course, members in CLASSES.items():
        for n, who in enumerate(members):
            yield event(course, who, NOW - timedelta(days=27, minutes=n), "course_enroll")
            for ago in COMMON if n else ():
                yield from visit(course, who, ago, 30 + 5 * n)
    yield event("left", "lou", NOW - timedelta(days=1), "course_unenroll")


def secrets() -> Iterator[dict[str, Any]]:
    """What those two do in the second world."""
    for course, who in (("few", "uma"), ("many", "uma"), ("left", "lou")):
        for ago, name in product(SECRET[:-1], ("", " of one")):
            yield from visit(course, who, ago + bool(name), 97, name)
    yield from visit("many", "uma", 0, 99)


#: Weeks ago, and how many days up to then.
PERIODS = ((0, 28), (1, 7)) if LONG else ((0, 28),)


class Asked(NamedTuple):
    """A question of the attacker."""

    who: str
    query: Query


KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))
#: What those two touch alone is not in it.
CATALOG = CourseCatalog(
    lessons=dict.fromkeys(CLASSES, ("l1",)),
    durations={VideoKey(course, "v1"): 300.0 for course in CLASSES},
    pass_marks={AssessmentKey(course, "q1"): 60.0 for course in CLASSES},
)

STUDENT = Viewer(role=Role.STUDENT, subject="account:s0", student_id=pseudonym("s0"))
VIEWERS = {
    "admin": ADMIN,
    "opened": OPENED,
    "leader": LEADER,
    "teacher": TEACHER,
    "key": KEY,
    "student": STUDENT,
}
BOUND = ("admin", "opened", "leader")


def subjects(metric: Metric, who: str) -> list[Query]:
    if metric.scope is Scope.TEAM:
        return [Query(metric=metric.slug, team=team) for team in TEAMS] if who != "teacher" else []
    if who == "leader":
        return []
    courses = {"teacher": ["left"], "opened": ["few"]}.get(who, ["few", "many"])
    if metric.scope is Scope.VIDEO:
        videos = ("v1", "v1 of one")
        return [
            Query(metric=metric.slug, course=course, video=video) for course in courses for video in videos
        ]
    narrowed = [Query(metric=metric.slug, course=course) for course in courses]
    if metric.scope is Scope.COURSE:
        return narrowed
    narrowed = narrowed if Param.COURSE in metric.takes else []
    return narrowed if who == "teacher" else [Query(metric=metric.slug), *narrowed]


def questions() -> Iterator[Asked]:
    """Every metric about groups, to the end of this week and of an earlier one, in each order."""
    for metric, who in product(METRICS.values(), (*BOUND, "teacher")):
        if metric.group is None or metric.private:
            continue
        for about, (week, span) in product(
            subjects(metric, who), PERIODS if Param.FROM in metric.takes else PERIODS[:1]
        ):
            start = TODAY - timedelta(days=7 * week + span)
            end = TODAY + timedelta(days=1 - 7 * week)
            for sort in ("", "time_spent") if metric.order else ("",):
                yield Asked(who, msgspec.structs.replace(about, start=start, end=end, sort=sort))


Answers = dict[Asked, Table]


@pytest.fixture(scope="module")
def worlds(clickhouse_url: str, postgres_server: Server) -> Iterator[tuple[Answers, Answers]]:
    """All answers before and after the two did something."""
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        for team, members in TEAMS.items():
            world.team(team, "acme", *members)
        with pool.connection() as connection:
            for who in SHARING:
                connection.execute(
                    "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
                    "VALUES (%s, 'employer_sharing', true, now())",
                    [world.uuid(pseudonym(who))],
                )
        world.know(CATALOG)
        take_in(world, history())
        before = ask_all(world)
        take_in(world, secrets())
        yield before, ask_all(world)
        world.trail.close()


def take_in(world: World, sent: Iterator[dict[str, Any]]) -> None:
    decoded = decode(msgspec.json.encode(list(sent)))
    assert not decoded.rejected
    world.take_in([to_event(each) for each in decoded.sent])


def ask_all(world: World) -> Answers:
    exact = [Asked("key", Query(metric="course_summary", course=course)) for course in CLASSES]
    lists = [slug for slug, metric in METRICS.items() if metric.named and metric.scope is Scope.COURSE]
    taught = [Asked("teacher", Query(metric=metric, course="left")) for metric in ("course_summary", *lists)]
    own = Asked("student", Query(metric="student_risk", course="few", student=pseudonym("s0")))
    asked = [*questions(), *exact, *taught, own]
    return {each: world.metrics.run(each.query, VIEWERS[each.who]) for each in asked}


def pattern(table: Table) -> dict[str, Any]:
    """What an answer says without its numbers: what is hidden, which rows there are, how many, until when."""
    keys = METRICS[table.metric].group
    assert keys is not None
    named = [n for n, name in enumerate(table.columns) if name in keys.by]
    return {
        "rows": [[row[n] for n in named] for row in table.rows],
        "hidden": (table.suppressed, table.previous_suppressed),
        "nothing": [[value is None for value in row] for row in (*table.rows, *(table.previous or ()))],
        "total": table.total,
        "days": (table.start, table.end, table.latest_data_at),
    }


def test_the_questions_are_of_every_metric_about_groups() -> None:
    of_groups = {slug for slug, metric in METRICS.items() if metric.group and not metric.private}
    assert {asked.query.metric for asked in questions()} == of_groups


def test_what_is_hidden_never_hangs_on_what_somebody_did(worlds: tuple[Answers, Answers]) -> None:
    before, after = worlds
    told = {each for each in before if each.who in BOUND and is_told(before[each], after[each])}
    assert {(each.who, each.query.metric, each.query.course, each.query.team) for each in told} == set()


def is_told(one: Table, other: Table) -> bool:
    """Whether the attacker can tell the worlds apart by anything but rounded numbers about many."""
    few = [[row for row in table.rows if "few" in row] for table in (one, other)]
    return pattern(one) != pattern(other) or few[0] != few[1]


def about_few(asked: Asked) -> bool:
    """Whether so few are unseen that nothing may be said about them."""
    few = {"course": {"few"}, "team": {"alone", "pair"}}
    return asked.query.course in few["course"] or (asked.who == "leader" and asked.query.team in few["team"])


def test_about_few_the_answers_are_the_same_to_the_byte(worlds: tuple[Answers, Answers]) -> None:
    before, after = worlds
    asked = [each for each in before if each.who in BOUND and about_few(each)]
    assert {each.query.metric for each in asked} >= {
        s for s, m in METRICS.items() if m.scope is Scope.COURSE and m.group
    }
    assert {each.query.team for each in asked} >= {"alone", "pair"}
    assert {each for each in asked if to_csv(before[each]) != to_csv(after[each])} == set()
    assert {each for each in asked if before[each] != after[each]} == set()


def test_the_worlds_do_differ(worlds: tuple[Answers, Answers]) -> None:
    """So that it is not for want of a difference that the attacker finds none."""
    before, after = worlds
    asked = [each for each in before if each.who == "key"]
    assert len(asked) == len(CLASSES)
    assert all(before[each].rows != after[each].rows for each in asked)


def test_a_student_is_not_compared_with_so_few(worlds: tuple[Answers, Answers]) -> None:
    before, after = worlds
    (asked,) = [each for each in before if each.who == "student"]
    assert before[asked].rows == after[asked].rows != ()


def test_a_class_tells_its_teacher_nothing_about_who_left(worlds: tuple[Answers, Answers]) -> None:
    before, after = worlds
    asked = [each for each in before if each.who == "teacher"]
    assert {each.query.metric for each in asked} >= {
        "course_summary",
        "course_daily",
        "course_engagement",
        "course_risk",
    }
    assert not [each for each in asked if before[each].rows != after[each].rows]
    assert not [each for each in asked if before[each].previous != after[each].previous]


def test_totals_of_a_class_are_those_of_its_list(worlds: tuple[Answers, Answers]) -> None:
    _, after = worlds
    (summary,) = after[Asked("teacher", Query(metric="course_summary", course="left"))].records()
    listed = after[Asked("teacher", Query(metric="course_students", course="left"))].records()
    assert (summary["learners_enrolled"], summary["active_learners"]) == (len(listed), len(OTHERS))
    assert summary["time_spent"] == sum(row["time_spent"] for row in listed)
