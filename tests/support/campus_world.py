"""A small campus in real stores: events through the rollups, and the catalog beside them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.aggregates.learners import LEARNERS, LearnerRollups
from coursepulse.aggregates.live import LiveTable
from coursepulse.aggregates.rollups import Rollups
from coursepulse.campus.enrolments import Listing
from coursepulse.definitions.points import points_rule
from coursepulse.events.event import Event
from coursepulse.kit.clock import Micros, from_micros
from coursepulse.kit.ids import to_bytes, to_text
from coursepulse.kit.settings import Settings
from coursepulse.metrics.query import Query
from coursepulse.metrics.run import Metrics
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.postgres.board_names import BoardNames
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.message_draws import MessageDraws
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.shown_steps import ShownSteps
from tests.reference.catalog import PASS_MARK, AssessmentKey, CourseCatalog
from tests.reference.enrolment import Roster
from tests.support.trail import open_trail

#: What is worth how many points unless somebody chooses otherwise.
USUAL_POINTS = points_rule(Settings())

KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))
ADMIN = Viewer(role=Role.ADMIN, subject="admin", opened=EVERYONE)


def pseudonym(external_id: str) -> bytes:
    """The fixed pseudonym that tests use."""
    return to_bytes(external_id, "student")


class World:
    """Both stores and the metrics over them; ``now`` is when questions are asked."""

    def __init__(self, clickhouse: Client, pool: Pool, now: Micros) -> None:
        self.clickhouse, self.pool, self.now = clickhouse, pool, now
        self.trail = open_trail(pool)
        relations = Relations(pool, lambda: self.now)
        self.live = LiveTable(lambda: self.now)
        self.steps = ShownSteps(pool)
        self.draws = MessageDraws(pool, on=True)
        self.groups = SmallGroups(5, b"the secret of the tests")
        self.metrics = Metrics(
            lambda: clickhouse,
            pool,
            lambda: self.now,
            pseudonym,
            self.trail,
            relations,
            self.groups,
            USUAL_POINTS,
            live=self.live,
            steps=self.steps,
            draws=self.draws,
        )
        self._version = 0

    def take_in(self, events: list[Event]) -> None:
        """Events as the pipeline brings them, in one batch."""
        self._version += 1
        Rollups(self.clickhouse).refresh(events, self._version)
        learners = LearnerRollups(self.clickhouse)
        learners.refresh({(event.course_id, event.student_id) for event in events}, self._version)
        learners.refresh_catalog(self._version)
        newest = from_micros(max(event.at for event in events))
        for consumer in ("served", LEARNERS):
            self._execute("DELETE FROM pipeline_positions WHERE name = %s", (consumer,))
            values = (consumer, self._version, newest, from_micros(self.now))
            self._execute("INSERT INTO pipeline_positions VALUES (%s, %s, %s, %s)", values)

    def ask(self, metric: str, *, viewer: Viewer = ADMIN, **wish: Any) -> list[dict[str, Any]]:
        """The rows of a metric."""
        return self.metrics.run(Query(metric=metric, **wish), viewer).records()

    pseudonym = staticmethod(pseudonym)

    @staticmethod
    def uuid(student: bytes) -> UUID:
        """A pseudonym as it stands in the rows."""
        return UUID(bytes=student)

    def know(self, catalog: CourseCatalog) -> None:
        """Put what a catalog says into the tables that the metrics read."""
        for course, lessons in catalog.lessons.items():
            rows = [(course, lesson, place, 1, 0) for place, lesson in enumerate(lessons)]
            self._insert("course_lessons", rows)
        self._insert(
            "course_videos", [(*key, "", seconds, 1, 0) for key, seconds in catalog.durations.items()]
        )
        self.title("courses", *((course, "", None, day) for course, day in catalog.ends.items()))
        keys = sorted(set(catalog.pass_marks) | set(catalog.due))
        self._insert("course_assessments", [self._assessment(key, catalog) for key in keys])
        LearnerRollups(self.clickhouse).refresh_catalog(self._version)

    def _assessment(self, key: AssessmentKey, catalog: CourseCatalog) -> tuple[Any, ...]:
        due = catalog.due.get(key)
        mark = catalog.pass_marks.get(key, PASS_MARK)
        return (*key, "quiz", mark, None if due is None else from_micros(due), 1, 0)

    def enrol_people(self, zones: Mapping[bytes, str], left_out: Iterable[bytes] = ()) -> None:
        """Who lives in which zone, and who is a test account."""
        out = set(left_out)
        everybody = sorted(set(zones) | out)
        self._insert(
            "students", [(to_text(s), zones.get(s, "UTC"), False, s in out, 1, 0) for s in everybody]
        )
        self._insert("time_zones", [(name, *_offsets(name), 1) for name in sorted({"UTC", *zones.values()})])

    def list_learners(self, roster: Roster) -> None:
        """Put what the roster says of these learners where the metrics read it."""
        if roster:
            rows = [Listing(course, student, *row, 1) for (student, course), row in roster.items()]
            RosterCopy(self.clickhouse).put(rows)
            learners = LearnerRollups(self.clickhouse)
            learners.refresh({(row.course_id, row.student_id) for row in rows}, self._version, awaited=True)

    def title(self, table: str, *rows: tuple[Any, ...]) -> None:
        """Rows of a PostgreSQL catalog table, in the place of those with the same course."""
        for row in rows:
            self._execute(f"DELETE FROM {table} WHERE course_id = %s", row[:1])
            self._execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})", row)

    def name(self, *people: tuple[str, str]) -> None:
        """People by the platform's id and name."""
        for external_id, name in people:
            values = (to_text(pseudonym(external_id)), external_id, name)
            self._execute("INSERT INTO people (student_id, external_id, name) VALUES (%s, %s, %s)", values)

    def team(self, team_id: str, organisation_id: str, *members: str) -> None:
        """A team with these members, by the platform's ids, in the place of an earlier one."""
        self._execute("INSERT INTO organisations VALUES (%s, '') ON CONFLICT DO NOTHING", (organisation_id,))
        self._execute("DELETE FROM teams WHERE team_id = %s", (team_id,))
        self._execute("INSERT INTO teams VALUES (%s, %s, '')", (team_id, organisation_id))
        ids = [UUID(bytes=pseudonym(each)) for each in members]
        added = "INSERT INTO team_people SELECT %s, unnest(%s::uuid[]), false"
        self._execute(added, (team_id, ids))

    def join_board(self, external_id: str, name: str) -> None:
        """A student who agrees to what leaderboards need, under a name."""
        student = pseudonym(external_id)
        for purpose in (Purpose.ANALYTICS, Purpose.LEADERBOARDS):
            self.agree(external_id, purpose)
        assert BoardNames(self.pool).choose(student, name, self.now) is None

    def fill_boards(self) -> None:
        """Three students of the small course are on its leaderboard and on that of their team."""
        for who, name in (("ann", "Comet"), ("ben", "Badger"), ("dee", "Dragonfly")):
            self.join_board(who, name)
            self.agree(who, Purpose.EMPLOYER_SHARING)

    def agree(self, external_id: str, purpose: Purpose, *, granted: bool = True) -> None:
        """A decision of a student, which takes the place of earlier ones."""
        values = (UUID(bytes=pseudonym(external_id)), purpose.value, granted)
        added = "INSERT INTO consents (student_id, purpose, granted, recorded_at) VALUES (%s, %s, %s, now())"
        self._execute(added, values)

    def _insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            self.clickhouse.insert(table, rows)

    def _execute(self, sql: str, values: tuple[Any, ...]) -> None:
        with self.pool.connection() as connection:
            connection.execute(sql.encode(), values)


@cache
def _offsets(name: str) -> tuple[list[datetime], list[int]]:
    """The offset of a zone on every day that a test can lie on."""
    zone = ZoneInfo(name)
    starts = [datetime(1970, 1, 1, tzinfo=UTC)]
    starts += [datetime(2023, 1, 1, tzinfo=UTC) + timedelta(hours=n) for n in range(24 * 365 * 5)]
    offsets = [int((start.astimezone(zone).utcoffset() or timedelta()).total_seconds()) for start in starts]
    changes = [n for n in range(len(starts)) if n == 0 or offsets[n] != offsets[n - 1]]
    return [starts[n] for n in changes], [offsets[n] for n in changes]
