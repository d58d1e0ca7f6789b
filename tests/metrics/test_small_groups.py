"""Small groups through the one way to numbers, on real stores, and on the screens made of them."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.events.decode import decode
from coursepulse.kit.clock import to_micros
from coursepulse.kit.settings import Settings
from coursepulse.metrics.catalog import METRICS
from coursepulse.metrics.metric import Metric, Param, Scope, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.run import Metrics
from coursepulse.metrics.table import Table, to_csv
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.relations import Relations
from coursepulse.web.dashboards import cards
from coursepulse.web.http.app import build
from coursepulse.web.http.auth import PageViewer
from tests.reference.catalog import CourseCatalog
from tests.support.campus_world import ADMIN, USUAL_POINTS, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.services import wire
from tests.support.vectors import to_event

BOUND = Viewer(role=Role.ADMIN, subject="account:admin")
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=frozenset({"few"}))
KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))

NOW = datetime(2026, 3, 11, 12, tzinfo=UTC)
TODAY, TOMORROW = date(2026, 3, 11), date(2026, 3, 12)

#: Learners of each course. In "less" are all who are in "more", but one.
CLASSES = {"few": range(3), "less": range(11), "more": range(12), "many": range(12, 52)}


#: The only one who completes nothing.
LAST = pseudonym("student-2")


def history() -> list[dict[str, Any]]:
    """Everybody enrols four weeks ago and learns twice; the busiest course also today."""
    chance = random.Random(1)
    found = []
    for course, members in CLASSES.items():
        for n in members:
            found.append(_event(course, n, NOW - timedelta(days=27), "course_enroll"))
            for ago in (2, 12, *([0] if course == "many" else [])):
                at = NOW - timedelta(days=ago, hours=2)
                found.append(_event(course, n, at, "lesson_start", lesson_id="l1"))
                minutes = chance.randint(2, 14)
                done = "lesson_complete" if pseudonym(f"student-{n}") != LAST else "lesson_start"
                found.append(_event(course, n, at + timedelta(minutes=minutes), done, lesson_id="l1"))
                score = {"score": chance.randint(0, 100)}
                handed = at + timedelta(minutes=15)
                found.append(_event(course, n, handed, "quiz_submit", score, assessment_id="q1"))
    return found


def _event(
    course: str, n: int, at: datetime, kind: str, payload: dict[str, Any] | None = None, **places: str
) -> dict[str, Any]:
    student = f"student-{n}"
    return {
        "event_id": f"{course} {student} {at.isoformat()} {kind}",
        "event_type": kind,
        "timestamp": at.isoformat(),
        "student_id": student,
        "session_id": f"{course}-{student}-{at.date()}",
        "context": {"course_id": course, **places},
        "payload": payload or {},
    }


@pytest.fixture(scope="module")
def campus(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, to_micros(NOW))
        decoded = decode(msgspec.json.encode(history()))
        assert not decoded.rejected
        # Without a catalog nobody knows how far anybody is.
        world.know(CourseCatalog(lessons=dict.fromkeys(CLASSES, ("l1", "l2"))))
        world.take_in([to_event(each) for each in decoded.sent])
        for team, members in CLASSES.items():
            world.team(team, "acme", *(f"student-{n}" for n in members))
        yield world
        world.trail.close()


def ask(campus: World, metric: str, viewer: Viewer = BOUND, **wish: Any) -> Table:
    return campus.metrics.run(Query(metric=metric, **wish), viewer)


def keyed(campus: World, secret: bytes) -> Metrics:
    relations = Relations(campus.pool, lambda: campus.now)
    return Metrics(
        lambda: campus.clickhouse,
        campus.pool,
        lambda: campus.now,
        pseudonym,
        campus.trail,
        relations,
        SmallGroups(5, secret),
        USUAL_POINTS,
    )


def each_metric() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


#: What an organisation has bought, and what it asks of its people: that is on the roster, whatever anybody did.
BOUGHT_OR_ASKED_FOR = {
    *("mandatory", "level", "of_team"),
    *("bought", "assigned", "activated", "free", "activated_pct"),
}


#: Sums of money agree with the books: exact, and about nobody by name (docs/decisions/0036).
OF_THE_BOOKS = {"revenue", "revenue_by_currency"}


#: About one student, with others beside: tests/metrics/test_class_comparison.py.
BESIDE_OTHERS = {"student_class"}


@each_metric()
def test_every_metric_says_who_is_behind_it(metric: Metric) -> None:
    single = metric.named or metric.board or metric.scope is Scope.STUDENT or not metric.personal
    single = single and metric.slug not in BESIDE_OTHERS
    said = f"{metric.slug}: `group` (metrics/catalog/groups) says who is behind rows about many people"
    assert (metric.group is None) == (single or metric.slug in OF_THE_BOOKS), said
    if metric.group is None:
        return
    covered = {figure.column for figure in metric.group.figures} | set(metric.group.hides)
    plain = {Unit.ID, Unit.TEXT, Unit.DATE, Unit.POSITION}
    told = {*metric.group.by, "duration", "place", "due_at", *BOUGHT_OR_ASKED_FOR}
    uncovered = {column.name for column in metric.columns if column.unit not in plain} - covered - told
    assert metric.slug in BESIDE_OTHERS or not uncovered


@each_metric()
def test_who_is_behind_a_metric_can_be_counted(campus: World, metric: Metric) -> None:
    if metric.group is None or metric.slug in BESIDE_OTHERS:
        return
    known = {Param.COURSE: "more", Param.VIDEO: "v1", Param.TEAM: "more"}
    wish: dict[str, Any] = {str(param): known[param] for param in metric.needs}
    table = ask(campus, metric.slug, **wish)
    assert table.small_group == 5
    assert len(table.suppressed) == len(table.rows)


def test_a_class_of_three_is_hidden_and_one_more_with_it(campus: World) -> None:
    table = ask(campus, "courses")
    rows = {row["course_id"]: row for row in table.records()}
    assert {name for name, row in rows.items() if row["active_learners"] is None} == {"few", "less"}
    assert {rows["few"][name] for name in table.columns[2:]} == {None}
    assert rows["few"]["suppressed"] is rows["less"]["suppressed"] is True
    assert abs(rows["many"]["active_learners"] - 40) < 5


def test_csv_says_so_too(campus: World) -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(ask(campus, "courses")))))
    few = next(row for row in rows if row["course_id"] == "few")
    assert (few["active_learners"], few["suppressed"]) == ("", "true")
    many = next(row for row in rows if row["course_id"] == "many")
    assert many["active_learners"] in ("40", "35", "45")


def test_the_previous_period_is_no_way_round(campus: World) -> None:
    table = ask(campus, "course_summary", course="few")
    assert table.suppressed == table.previous_suppressed == (True,)
    assert [row["active_learners"] for row in (*table.records(), *table.before())] == [None, None]


@pytest.mark.parametrize("viewer", [ADMIN, TEACHER, KEY], ids=["opened", "teacher", "key"])
def test_who_may_see_everybody_sees_the_truth(campus: World, viewer: Viewer) -> None:
    table = ask(campus, "course_summary", viewer, course="few")
    assert (table.small_group, table.records()[0]["active_learners"]) == (None, 3)
    assert "suppressed" not in table.records()[0]


def test_days_that_are_not_over_do_not_count(campus: World) -> None:
    truth = ask(campus, "platform_daily", ADMIN)
    assert truth.rows[-1][0] == TODAY
    table = ask(campus, "platform_daily", start=TODAY, end=TOMORROW)
    assert (table.start, table.end) == (TODAY - timedelta(days=7), TODAY)
    assert TODAY not in [row[0] for row in table.rows]


@each_metric()
def test_every_metric_answers_about_a_time_before_anybody_was_there(campus: World, metric: Metric) -> None:
    if metric.group is None or metric.slug in BESIDE_OTHERS or Param.FROM not in metric.takes:
        return
    known = {Param.COURSE: "more", Param.VIDEO: "v1", Param.TEAM: "more"}
    wish: dict[str, Any] = {str(param): known[param] for param in metric.needs}
    table = ask(campus, metric.slug, start=date(2026, 1, 5), end=date(2026, 1, 12), **wish)
    assert len(table.suppressed) == len(table.rows)


@pytest.mark.parametrize("days_ago", range(2, 9))
def test_as_of_a_past_day_ends_with_a_sunday_too(campus: World, days_ago: int) -> None:
    table = ask(campus, "courses", as_of=TODAY - timedelta(days=days_ago))
    assert (table.end.isoweekday(), table.end <= TODAY - timedelta(days=days_ago - 1)) == (1, True)


def test_before_anybody_was_there_courses_hold_nothing(campus: World) -> None:
    """What a new installation answers on its first day, because a day that is not over does not count."""
    table = ask(campus, "courses", start=date(2026, 1, 5), end=date(2026, 1, 12))
    rows = {row["course_id"]: row for row in table.records()}
    assert set(rows) == set(CLASSES)
    many = rows["many"]
    assert [many[name] for name in ("active_learners", "completion_pct", "score_pct")] == [0, None, None]


def test_the_trail_says_what_was_asked(campus: World) -> None:
    ask(campus, "platform_daily", start=date(2026, 3, 2), end=date(2026, 3, 4))
    found = campus.trail.find(Search(actor="account:admin"), 1)
    assert found[0].entry.detail == "platform_daily days=2026-03-02..2026-03-04"


def test_the_same_is_said_everywhere(campus: World) -> None:
    listed = {row["course_id"]: row for row in ask(campus, "courses").records()}["many"]
    (alone,) = ask(campus, "course_summary", course="many").records()
    assert {name: alone[name] for name in listed} == listed


def published(metrics: Metrics, viewer: Viewer) -> dict[tuple[str, int], tuple[int | None, float | None]]:
    """Active learners and time of each course in each span, asked one by one."""
    found = {}
    for course in ("less", "more"):
        for days in (7, 28):
            wish = Query(
                metric="course_summary", course=course, start=TODAY - timedelta(days=days), end=TODAY
            )
            row = metrics.run(wish, viewer).records()[0]
            found[course, days] = (row["active_learners"], row["time_spent"])
    return found


def test_one_student_cannot_be_had_by_subtraction(campus: World) -> None:
    """ "more" less "less" is one student: whether they were there, and how long, stays open."""
    exact = published(campus.metrics, ADMIN)
    assert (
        exact["more", 28][0] == (exact["less", 28][0] or 0) + 1
    )  # so the attack works where nothing is hidden
    for number in range(4):
        seen = published(keyed(campus, b"secret %d" % number), BOUND)
        for days in (7, 28):
            (more, time), (less, time_less) = seen["more", days], seen["less", days]
            assert more is not None
            assert less is not None
            apart = range(max(5, more - 4) - (less + 4), more + 4 - max(5, less - 4) + 1)
            assert {0, 1} <= set(apart)
            grid = 5 * 1800 * (2 if days == 7 else 8)
            assert (time or 0) % grid == (time_less or 0) % grid == 0


@pytest.fixture
def browser(campus: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Any]]:
    """An administrator who opened no record."""
    services = wire(settings=Settings(), clock=lambda: campus.now, metrics=campus.metrics, trail=campus.trail)
    shown = PageViewer(role=Role.ADMIN, subject="account:admin", name="admin")
    monkeypatch.setattr(cards, "page_viewer", lambda _: shown)
    with TestClient(build(services, [cards.show_card])) as client:
        yield client


CARDS = ("platform_headline", "platform_daily", "platform_courses", "platform_events", "platform_cohorts")
COURSE_CARDS = ("course_headline", "course_daily", "course_lessons", "course_assessments", "course_questions")


@pytest.mark.parametrize("card", [*CARDS, *COURSE_CARDS, "course_videos"])
@pytest.mark.parametrize("course", ["few", "many"])
def test_every_card_and_its_twins(browser: TestClient[Any], card: str, course: str) -> None:
    about = f"?course={course}" if card.startswith("course") else ""
    html = browser.get(f"/cards/{card}{about}")
    assert html.status_code == 200, html.text
    twin = browser.get(f"/cards/{card}.json{about}").json()
    assert twin["small_group"] == 5
    assert all("suppressed" in row for row in twin["rows"])
    assert "suppressed" in browser.get(f"/cards/{card}.csv{about}").text.splitlines()[0]


def test_a_screen_says_it_in_words(browser: TestClient[Any]) -> None:
    html = browser.get("/cards/platform_courses").text
    assert (
        html.count("too few people") >= 5 + 2
    )  # a class of three whole, and of one more what is of the period
    headline = browser.get("/cards/course_headline?course=few").text
    assert headline.count("too few people") == 7


LEADER = Viewer(role=Role.MANAGER, subject="account:mia", team_ids=frozenset(CLASSES), organisation_id="acme")


def share(campus: World, *numbers: int) -> None:
    """These students, and no others, agree that an employer may see them."""
    with campus.pool.connection() as connection:
        connection.execute("DELETE FROM consents WHERE purpose = 'employer_sharing'")
        for n in numbers:
            connection.execute(
                "INSERT INTO consents (student_id, purpose, granted, recorded_at) "
                "VALUES (%s, 'employer_sharing', true, now())",
                [campus.uuid(pseudonym(f"student-{n}"))],
            )


#: Those in "many" who do not share, and whether numbers about all forty are then about a few.
UNSEEN = [(40, False), (20, False), (8, False), (4, True), (1, True), (0, False)]


@pytest.mark.parametrize(("unseen", "told"), UNSEEN)
@pytest.mark.parametrize("export", [False, True])
def test_a_team_less_the_members_who_are_seen_is_a_group_too(
    campus: World, unseen: int, told: bool, export: bool
) -> None:
    share(campus, *list(CLASSES["many"])[unseen:])
    listed = ask(campus, "team_members", LEADER, team="many").total
    table = campus.metrics.run(Query(metric="team_summary", team="many"), LEADER, export=export)
    share(campus)
    (row,) = table.records()
    assert listed == 40 - unseen
    # Sums may be rounded to nothing, which is hidden as well.
    counted = ("members", "active_members", "completion_pct", "score_pct")
    assert [row[name] is None for name in counted] == [told] * 4
    assert row["time_spent"] is None or not told


def test_an_answer_that_changes_does_not_tell_what_somebody_did_who_left(campus: World) -> None:
    """Two leave a team, one of them never active: both may change the numbers, and leave them alike."""
    idle = [f"student-{n}" for n in CLASSES["more"]]

    def active(metrics: Metrics, *members: str) -> int | None:
        campus.team("moving", "acme", *members)
        row = metrics.run(Query(metric="team_summary", team="moving"), BOUND).records()[0]
        found: int | None = row["active_members"]
        return found

    changed = set()
    for number in range(30):
        metrics = keyed(campus, b"secret %d" % number)
        changed.add(active(metrics, *idle, "nobody") != active(metrics, *idle))
    assert changed == {True, False}


def behind_in(campus: World, viewer: Viewer) -> set[str]:
    rows = ask(campus, "student_risk", viewer, student=LAST).records()
    return {row["course_id"] for row in rows if "behind_cohort" in [cause for cause, _ in row["reasons"]]}


def test_nobody_is_compared_with_a_class_of_few(campus: World) -> None:
    own = Viewer(role=Role.STUDENT, subject="account:s", student_id=LAST)
    assert behind_in(campus, KEY) == {"few", "less", "more"}
    assert behind_in(campus, own) == {"less", "more"}
