"""Leaderboards on real stores: who is on one, under which name, with how many points, and who sees it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.campus.board_names import NameTrouble
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.connect import open_pool
from tests.metrics.small_course import ANN, BEN, COURSE, CY, DEE, TEAM, events, fill
from tests.support.campus_world import ADMIN, KEY, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:tom", course_ids=frozenset({COURSE}))
LEADER = Viewer(role=Role.MANAGER, subject="account:eve", team_ids=frozenset({TEAM}), organisation_id="acme")
FORBIDDEN = ("forbidden", 403)


def student(who: bytes) -> Viewer:
    return Viewer(role=Role.STUDENT, subject="account:own", student_id=who)


@pytest.fixture(scope="module")
def course(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        yield world
        world.trail.close()


@pytest.fixture
def world(course: World) -> Iterator[World]:
    """The small course in which Ann, Ben and Dee have joined. Cy has left it, Sam is a test account."""
    for who, name in (("ann", "Comet"), ("ben", "Badger"), ("dee", "Ada L.")):
        course.join_board(who, name)
    yield course
    with course.pool.connection() as connection:
        connection.execute("TRUNCATE consents, leaderboard_names, enrolments")


def board(world: World, viewer: Viewer = TEACHER, metric: str = "course_leaderboard", **wish: Any) -> Table:
    about = {"team": TEAM} if metric == "team_leaderboard" else {"course": COURSE}
    return world.metrics.run(Query(metric=metric, **(about | wish)), viewer)


def lines(table: Table) -> list[tuple[Any, ...]]:
    return [
        (row["rank"], row["name"], row["points"], row["rank_week"], row["points_week"])
        for row in table.records()
    ]


def names(world: World, viewer: Viewer = TEACHER, **wish: Any) -> list[str]:
    return [row["name"] for row in board(world, viewer, **wish).records()]


def refusal(world: World, viewer: Viewer, **wish: Any) -> tuple[str, int]:
    with pytest.raises(RequestError) as caught:
        board(world, viewer, **wish)
    return caught.value.code, caught.value.status


#: Ann: two lessons, a pass, 80 %, three days. Ben: a lesson, 50 %, a whole video, a day. Dee has only enrolled.
LINES = [(1, "Comet", 62, 1, 14), (2, "Badger", 27, 2, 0), (3, "Ada L.", 0, 2, 0)]


def test_points_by_hand(world: World) -> None:
    assert lines(board(world)) == LINES


def test_a_row_says_a_name_and_points_and_nothing_that_leads_further(world: World) -> None:
    assert board(world).columns == ("rank", "name", "points", "rank_week", "points_week", "own")


def test_each_student_finds_their_own_row(world: World) -> None:
    for who, name in ((ANN, "Comet"), (DEE, "Ada L.")):
        table = board(world, student(who))
        assert lines(table) == LINES
        assert [row["name"] for row in table.records() if row["own"]] == [name]
    assert not any(row["own"] for row in board(world).records())


def test_the_week_is_a_board_of_its_own_and_long_boards_come_in_pages(world: World) -> None:
    assert names(world, sort="rank_week") == ["Comet", "Badger", "Ada L."]
    assert names(world, sort="name") == ["Ada L.", "Badger", "Comet"]
    table = board(world, limit=1, offset=1)
    assert ([row["name"] for row in table.records()], table.total) == (["Badger"], 3)


# Who is on it ---------------------------------------------------------------------------------------------------------


def test_two_are_too_few(world: World) -> None:
    world.agree("dee", Purpose.LEADERBOARDS, granted=False)
    assert lines(board(world)) == []
    assert lines(board(world, KEY)) == []


def test_nobody_is_on_it_who_did_not_join(world: World) -> None:
    world.agree("cal", Purpose.ANALYTICS)
    world.take_in(events([("cal", "03-04 10:00:00", "x", "lesson_complete", {"lesson_id": "l1"})]))
    assert lines(board(world)) == LINES
    world.agree("cal", Purpose.LEADERBOARDS)
    assert lines(board(world)) == LINES, "a consent without a name"
    world.join_board("cal", "Zebra")
    assert lines(board(world))[2:] == [(3, "Zebra", 12, 2, 12), (4, "Ada L.", 0, 3, 0)]
    world.agree("cal", Purpose.LEADERBOARDS, granted=False)
    assert lines(board(world)) == LINES, "from the next question on"


@pytest.mark.parametrize("purpose", [Purpose.LEADERBOARDS, Purpose.ANALYTICS])
def test_a_consent_that_is_withdrawn_ends_it_at_the_next_question(world: World, purpose: Purpose) -> None:
    world.join_board("zoe", "Zoe")
    world.take_in(events([("zoe", "03-04 10:00:00", "x", "lesson_complete", {"lesson_id": "l1"})]))
    assert len(names(world)) == 4
    world.agree("zoe", purpose, granted=False)
    assert "Zoe" not in names(world)
    assert board(world, student(pseudonym("zoe"))).lacks_consent is purpose


def test_who_left_or_is_no_learner_is_not_on_it(world: World) -> None:
    world.join_board("cy", "Left")
    world.join_board("sam", "Tests")
    assert lines(board(world)) == LINES


def test_the_roster_takes_somebody_off_at_the_next_question(world: World) -> None:
    world.join_board("eli", "Eli")
    world.take_in(events([("eli", "03-04 10:00:00", "x", "lesson_complete", {"lesson_id": "l1"})]))
    assert "Eli" in names(world)
    with world.pool.connection() as connection:
        ended = "INSERT INTO enrolments (course_id, student_id, status) VALUES (%s, %s, 'ended')"
        connection.execute(ended, (COURSE, UUID(bytes=pseudonym("eli"))))
    assert "Eli" not in names(world)
    assert refusal(world, student(pseudonym("eli"))) == FORBIDDEN


def test_late_events_and_duplicates_give_the_board_of_the_same_events_in_order(world: World) -> None:
    late = events(
        [
            ("fay", "03-02 08:00:00", "f1", "lesson_complete", {"lesson_id": "l1"}),
            ("fay", "03-08 08:00:00", "f2", "quiz_submit", {"assessment_id": "q1", "score": 70}),
        ]
    )
    world.join_board("fay", "Fay")
    world.take_in(late[1:])
    assert (2, "Fay", 36, 1, 36) in lines(board(world))
    world.take_in(late[:1])
    world.take_in(late)
    assert (2, "Fay", 48, 1, 36) in lines(board(world))
    world.agree("fay", Purpose.LEADERBOARDS, granted=False)


# Who sees it ----------------------------------------------------------------------------------------------------------

#: Who asks for the board of the course and that of the team: what they get of each.
TABLE: list[tuple[str, Viewer, str, str]] = [
    ("a student who joined", student(ANN), "rows", "forbidden"),
    ("a student who left", student(CY), "forbidden", "forbidden"),
    ("a student of nothing", student(pseudonym("nobody")), "forbidden", "forbidden"),
    ("a student without a record", Viewer(role=Role.STUDENT, subject="account:x"), "forbidden", "forbidden"),
    ("the teacher", TEACHER, "rows", "forbidden"),
    (
        "another teacher",
        Viewer(role=Role.INSTRUCTOR, subject="t", course_ids=frozenset({"art"})),
        "forbidden",
        "forbidden",
    ),
    ("the manager", LEADER, "forbidden", "rows"),
    (
        "another manager",
        Viewer(role=Role.MANAGER, subject="m", organisation_id="acme"),
        "forbidden",
        "forbidden",
    ),
    ("an administrator", ADMIN, "forbidden", "forbidden"),
    ("an auditor", Viewer(role=Role.AUDITOR, subject="a"), "forbidden", "forbidden"),
    ("a reading key", KEY, "rows", "rows"),
    (
        "a sending key",
        Viewer(role=Role.SERVICE, subject="k", scopes=frozenset({"ingest"})),
        "forbidden",
        "forbidden",
    ),
]


@pytest.mark.parametrize(
    ("viewer", "course_board", "team_board"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_who_sees_which_board(world: World, viewer: Viewer, course_board: str, team_board: str) -> None:
    for who in ("ann", "ben", "dee"):
        world.agree(who, Purpose.EMPLOYER_SHARING)
    for metric, expected in (("course_leaderboard", course_board), ("team_leaderboard", team_board)):
        if expected == "rows":
            assert len(board(world, viewer, metric).rows) == 3, metric
        else:
            assert refusal(world, viewer, metric=metric) == FORBIDDEN, metric


def test_a_student_who_did_not_join_sees_no_row_and_what_to_agree_to(world: World) -> None:
    world.agree("ben", Purpose.LEADERBOARDS, granted=False)
    world.join_board("gus", "Gus")
    world.take_in(events([("gus", "03-04 10:00:00", "x", "lesson_start", {"lesson_id": "l1"})]))
    table = board(world, student(BEN))
    assert (table.rows, table.lacks_consent, table.total) == ((), Purpose.LEADERBOARDS, 0)
    assert len(board(world, student(ANN)).rows) == 3
    world.agree("gus", Purpose.LEADERBOARDS, granted=False)


def test_only_a_teacher_a_manager_and_a_key_take_it_away_as_a_file(world: World) -> None:
    query = Query(metric="course_leaderboard", course=COURSE)
    assert not board(world, student(ANN)).exportable
    with pytest.raises(RequestError, match="may not see"):
        world.metrics.run(query, student(ANN), export=True)
    for viewer in (TEACHER, KEY):
        assert len(world.metrics.run(query, viewer, export=True).rows) == 3


# Teams ----------------------------------------------------------------------------------------------------------------


def test_of_a_team_those_who_joined_and_share_with_an_employer(world: World) -> None:
    world.agree("ann", Purpose.EMPLOYER_SHARING)
    world.agree("ben", Purpose.EMPLOYER_SHARING)
    assert lines(board(world, LEADER, "team_leaderboard")) == []
    world.agree("dee", Purpose.EMPLOYER_SHARING)
    assert lines(board(world, LEADER, "team_leaderboard")) == LINES


def test_a_team_adds_up_the_courses_that_its_members_are_in(world: World) -> None:
    for who in ("ann", "ben", "dee", "cy"):
        world.agree(who, Purpose.EMPLOYER_SHARING)
    world.join_board("cy", "Elsewhere")
    elsewhere = events([("cy", "03-07 12:00:00", "c2", "forum_reply", {})])
    world.take_in([msgspec.structs.replace(event, course_id="art") for event in elsewhere])
    assert (3, "Elsewhere", 4, 2, 4) in lines(board(world, LEADER, "team_leaderboard")), (
        "not of the course that Cy left"
    )


# Names ----------------------------------------------------------------------------------------------------------------


def test_a_name_is_had_by_one_student_alone(world: World) -> None:
    store = BoardNames(world.pool)
    for same in ("Comet", "COMET", "co met", "Ｃｏｍｅｔ", "C.o.m.e.t"):
        assert store.choose(BEN, same, world.now) is NameTrouble.TAKEN, same
    assert store.choose(ANN, "COMET!", world.now) is None
    assert names(world)[0] == "COMET!"


def test_a_removed_name_is_off_the_board_until_another_is_chosen(world: World) -> None:
    store = BoardNames(world.pool)
    world.join_board("hal", "Rude Name")
    world.take_in(events([("hal", "03-04 10:00:00", "x", "lesson_start", {"lesson_id": "l1"})]))
    hal = pseudonym("hal")
    assert store.find("rude name") == hal
    store.remove(hal, world.now)
    assert "Rude Name" not in names(world)
    assert board(world, student(hal)).lacks_consent is Purpose.LEADERBOARDS
    assert store.choose(hal, "RudeName", world.now) is NameTrouble.REFUSED
    assert store.choose(hal, "Kind Name", world.now) is None
    assert "Kind Name" in names(world)
    known = store.of(hal)
    assert known
    assert (known.shown_as, known.removed_at) == ("Kind Name", datetime(2026, 3, 9, 12, tzinfo=UTC))
    world.agree("hal", Purpose.LEADERBOARDS, granted=False)


def test_the_trail_says_which_board_and_no_name(world: World) -> None:
    board(world, student(ANN))
    entry = world.trail.find(Search(tag="metrics:course"), 1)[0].entry
    assert (entry.tag, entry.subject, entry.detail.split()[0]) == (
        "metrics:course:read",
        COURSE,
        "course_leaderboard",
    )
    assert not any(name in entry.detail for name in ("Comet", "Badger", to_text(BEN)))
