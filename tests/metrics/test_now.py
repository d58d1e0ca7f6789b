"""What goes on right now: the table in memory, and the metrics over it with everybody's rights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.live import LiveTable
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.store import PostgresAlerts
from coursepulse.alerts.streak_rules import FAILED_SUBMITS, REWOUND_PASSAGE, STUCK_ON_SKILL
from coursepulse.audit.port import Search
from coursepulse.events.event import Event
from coursepulse.kit.clock import HOUR, MINUTE, SECOND, Micros, from_micros, to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.query import Query
from coursepulse.metrics.readers import CampusReader
from coursepulse.metrics.run import Metrics
from coursepulse.store.postgres.connect import open_pool
from coursepulse.store.postgres.relations import Relations
from coursepulse.stream.processor import make_id
from coursepulse.stream.processors.quiz_scoring import QuizScoring
from coursepulse.stream.processors.sessions import LiveSessions
from coursepulse.stream.processors.video_progress import VideoProgressing
from coursepulse.stream.runners.embedded import EmbeddedRunner
from tests.metrics.small_course import ANN, BEN, COURSE, DEE, NOW, SAM, fill
from tests.support.campus_world import ADMIN, KEY, USUAL_POINTS, World, pseudonym
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server

NOON = to_micros(NOW)
TEACHER = Viewer(role=Role.INSTRUCTOR, subject="account:teacher", course_ids=frozenset({COURSE}))
STRANGER = Viewer(role=Role.INSTRUCTOR, subject="account:stranger", course_ids=frozenset({"art"}))


class Live:
    """A runner, the table that it fills, and the metrics over both."""

    def __init__(self, world: World) -> None:
        self.world, self.now = world, NOON
        self.ended: list[tuple[str, bytes]] = []
        self.table = LiveTable(lambda: self.now, self.ended.extend)
        self.runner = EmbeddedRunner([LiveSessions(), VideoProgressing(), QuizScoring()], [self.table])
        self.metrics = Metrics(
            lambda: world.clickhouse, world.pool, lambda: self.now, pseudonym, world.trail,
            Relations(world.pool, lambda: self.now), world.groups, USUAL_POINTS, live=self.table,
        )  # fmt: skip
        self._number = 10_000

    def send(self, student: bytes, kind: str, after: Micros = 0, **more: Any) -> None:
        """An event that happens now."""
        self.now += after
        self._number += 1
        made = Event(
            self._number.to_bytes(16), kind, self.now, student, student[::-1], COURSE, received_at=self.now
        )
        self.runner.process([msgspec.structs.replace(made, **more)])

    def ask(self, metric: str, viewer: Viewer = ADMIN, **wish: Any) -> list[dict[str, Any]]:
        return self.metrics.run(Query(metric=metric, **wish), viewer).records()

    def present(self, viewer: Viewer = TEACHER) -> list[tuple[Any, ...]]:
        rows = self.ask("course_now", viewer, course=COURSE)
        return [(row["student_id"].bytes, row["kind"], row["item_id"], row["device"]) for row in rows]


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
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
def live(world: World) -> Live:
    return Live(world)


def test_teachers_see_who_is_in_and_where(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1", device_type="mobile")
    live.send(BEN, "video_play", MINUTE, video_id="v1", position=0.0)
    live.send(SAM, "lesson_start", lesson_id="l1")
    assert live.present() == [(BEN, "video", "v1", ""), (ANN, "lesson", "l1", "mobile")]
    assert live.present(KEY) == live.present()
    live.send(ANN, "quiz_start", MINUTE, assessment_id="q1", device_type="desktop")
    [_, ann] = live.ask("course_now", TEACHER, course=COURSE)
    assert (ann["kind"], ann["item_id"], ann["device"]) == ("quiz", "q1", "desktop")
    assert (ann["since"], ann["last_activity_at"]) == (from_micros(NOON), from_micros(live.now))


def test_teachers_see_who_is_stuck_by_the_alerts_that_are_open(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.send(BEN, "lesson_start", MINUTE, lesson_id="l1")
    assert {row["stuck"] for row in live.ask("course_now", TEACHER, course=COURSE)} == {""}
    inbox = PostgresAlerts(live.world.pool, live.world.pool)
    rules = (STUCK_ON_SKILL, REWOUND_PASSAGE, FAILED_SUBMITS)
    alerts = [
        Alert(
            alert_id=make_id(rule.name), rule=rule.name, severity=rule.severity, about=rule.about,
            audience=rule.audience, course_id=COURSE, student_id=ANN, item="q1", raised_at=NOON, updated_at=NOON,
        )
        for rule in rules
    ]  # fmt: skip
    elsewhere = msgspec.structs.replace(alerts[0], alert_id=make_id("art"), course_id="art", student_id=BEN)
    inbox.put([*alerts, elsewhere])
    assert stuck_now(live) == {ANN: "rewound_passage stuck_on_skill", BEN: ""}
    inbox.clear([alerts[0].alert_id], live.now)
    inbox.withdraw([alerts[1].alert_id], live.now)
    assert stuck_now(live) == {ANN: "", BEN: ""}


def stuck_now(live: Live) -> dict[bytes, str]:
    rows = live.ask("course_now", TEACHER, course=COURSE)
    return {row["student_id"].bytes: row["stuck"] for row in rows}


def test_the_rules_that_say_stuck_are_rules() -> None:
    text = CampusReader.queries["stuck_now"]
    named = set(re.findall(r"'(\w+)'", text))
    assert named == {REWOUND_PASSAGE.name, STUCK_ON_SKILL.name}
    assert named <= {rule.name for rule in RULES}


def test_who_ends_a_session_or_falls_silent_is_gone(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.send(BEN, "lesson_start", MINUTE, lesson_id="l1")
    live.send(BEN, "session_end", MINUTE)
    assert [row[0] for row in live.present()] == [ANN]
    live.now = NOON + 30 * MINUTE
    assert [row[0] for row in live.present()] == [ANN]
    live.now += 1
    assert live.present() == []


def test_pages_are_told_of_an_end_that_no_event_tells(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.runner.tick(NOON + 30 * MINUTE)
    assert live.ended == []
    live.runner.tick(NOON + 30 * MINUTE + 1)
    assert live.ended == [(COURSE, ANN)]


def test_who_goes_to_another_course_is_there(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.send(ANN, "lesson_start", MINUTE, course_id="art", lesson_id="l9")
    assert live.present() == []


def test_titles_stand_beside_each_kind_of_place(live: Live) -> None:
    live.world.title("lessons", (COURSE, "l1", "Limits", 1))
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.send(BEN, "video_play", video_id="unknown")
    rows = live.ask("course_now", TEACHER, course=COURSE)
    assert {row["item_id"]: row["title"] for row in rows} == {"l1": "Limits", "unknown": ""}


def test_rights_are_those_of_every_list_of_people(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    with pytest.raises(RequestError):
        live.present(STRANGER)
    unopened = Viewer(role=Role.ADMIN, subject="account:admin")
    assert live.present(unopened) == []
    own = Viewer(role=Role.STUDENT, subject="ann", student_id=ANN)
    assert live.ask("student_now", own, student=ANN) == []
    with pytest.raises(RequestError):
        live.ask("student_now", own, student=BEN)


def test_every_answer_is_in_the_trail(live: Live) -> None:
    live.send(ANN, "lesson_start", lesson_id="l1")
    live.present()
    [link, *_] = live.world.trail.find(Search(actor=TEACHER.subject), 1)
    assert (link.entry.tag, link.entry.subject) == ("metrics:course:read", COURSE)
    assert "course_now" in link.entry.detail


def test_a_student_sees_a_video_move_from_where_it_was_left(live: Live) -> None:
    [seen] = [row for row in live.ask("student_videos", student=ANN) if row["video_id"] == "v1"]
    live.send(ANN, "video_play", video_id="v1", position=70.0)
    [begun] = live.ask("student_now", student=ANN)
    assert begun["covered"] == pytest.approx(seen["covered"])
    live.send(ANN, "video_progress", 20 * SECOND, video_id="v1", position=90.0)
    [moved] = live.ask("student_now", student=ANN)
    assert moved["covered"] == pytest.approx(seen["covered"] + 20)
    assert (moved["resume_at"], moved["complete"]) == (90.0, True)
    assert moved["watched_pct"] == pytest.approx(100 * (seen["covered"] + 20) / seen["duration"])


def test_a_student_sees_the_score_run(live: Live) -> None:
    live.send(ANN, "quiz_start", assessment_id="q9", attempt=2)
    live.send(ANN, "quiz_answer", SECOND, assessment_id="q9", question_id="1", correct=True, attempt=2)
    live.send(ANN, "quiz_answer", SECOND, assessment_id="q9", question_id="2", correct=False, attempt=2)
    [row] = live.ask("student_now", student=ANN)
    assert (row["attempt"], row["questions"], row["correct"], row["score_pct"]) == (2, 2, 1, 50.0)
    assert (row["covered"], row["complete"], row["handed_in_at"]) == (None, None, None)
    live.send(ANN, "quiz_submit", SECOND, assessment_id="q9", attempt=2, score=60.0)
    [row] = live.ask("student_now", student=ANN, course=COURSE)
    assert (row["score_pct"], row["handed_in_at"]) == (60.0, from_micros(live.now))
    live.world.title("courses", ("art", "", None, None))
    assert live.ask("student_now", student=ANN, course="art") == []


def test_the_table_holds_only_what_goes_on(live: Live) -> None:
    for student in (ANN, BEN, DEE):
        live.send(student, "video_play", video_id="v1", position=0.0)
    assert (len(live.table), live.table.active_sessions()) == (6, 3)
    live.now += 31 * MINUTE
    assert live.present() == []
    assert len(live.table) == 0
    live.now += HOUR
    live.runner.tick(live.now)
    live.send(ANN, "lesson_start", lesson_id="l1")
    assert len(live.table) == 1


def test_a_forgotten_student_leaves_nothing_behind(live: Live) -> None:
    for student in (ANN, BEN):
        live.send(student, "video_play", video_id="v1", position=0.0)
    assert live.runner.forget(ANN) == 2
    assert (len(live.table), live.table.forget(ANN)) == (2, 0)
    assert [row[0] for row in live.present()] == [BEN]
    assert live.table.forget(BEN) == 2
    assert len(live.table) == 0


def test_after_a_start_the_table_is_what_the_states_say(live: Live) -> None:
    live.send(ANN, "video_play", video_id="v1", position=0.0)
    again = LiveTable(lambda: live.now)
    live.runner._outbox._sinks = [(again, frozenset(again.kinds))]
    live.runner.reconcile()
    wish = {"student": to_text(ANN), "course": ""}
    assert again.rows("student_now", wish) == live.table.rows("student_now", wish)
    assert again.rows("course_now", {"course": COURSE}) == live.table.rows("course_now", {"course": COURSE})
