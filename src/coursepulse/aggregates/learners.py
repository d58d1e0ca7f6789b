"""The rollups of learners: made a moment after those of days and videos, for learners with new events."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from coursepulse.aggregates.work_tables import Desk
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import split_statements, translate_errors

_QUERIES = Queries("coursepulse.aggregates.clickhouse.writes")

#: The consumer that these rollups are, in ``pipeline_positions``.
LEARNERS = "learners"

#: Course days that one pass reads at once, and learners of a resized video that it writes at once.
_DAYS_PER_SLICE = 500_000
_LEARNERS_PER_SLICE = 5_000


class LearnerRollups:
    """Keeps the rollups of learners in ``store/clickhouse/schema.sql`` equal to what the days say.

    Rows are replaced and never incremented: making one twice, or from newer days than it was asked for, is harmless.
    Several write to a database only with work tables of their own.

    Every method raises StoreUnavailable when ClickHouse does not answer: call it again.

    ``version`` is that of the rows written: the position of the newest batch of
    :class:`~coursepulse.aggregates.rollups.Rollups` that the caller knows to be finished.
    """

    def __init__(self, client: Client, desk: Desk | None = None) -> None:
        self._client, self._desk = client, desk or Desk()

    def refresh(
        self, learners: Collection[tuple[str, bytes]], version: int, *, awaited: bool = False
    ) -> None:
        """Bring the rows of these learners up to date.

        :param learners: course_id and pseudonym of those who had an event
        :param awaited: some may have had none: the roster names them
        """
        known = [(course, student) for course, student in learners if course]
        if not known:
            return
        with translate_errors("ClickHouse rollups"):
            self._run("clear_touched")
            self._client.insert_arrow(self._desk.at("touched_learners"), _columns(known))
            self._run("write_orders", version=version)
            self._write(version, awaited=awaited)

    def renew(self, learners: Collection[tuple[str, bytes]], version: int) -> None:
        """Make the rows of these learners again, and drop them for learners who have no days any more.

        :param version: larger than that of any earlier call
        """
        if any(course for course, _ in learners):
            self.refresh(learners, version, awaited=True)
            with translate_errors("ClickHouse rollups"):
                self._run("drop_old_touched", version=version)

    def refresh_stale(self, version: int) -> None:
        """Bring every row up to date that is older than its days: after a start."""
        with translate_errors("ClickHouse rollups"):
            self._pass("touch_stale", self._slices(), version)

    def refresh_catalog(self, version: int) -> bool:
        """Take in what the catalog says of lessons and videos; False if no row of a learner had to be made again.

        Where the catalog says nothing, events decide: any event may name a new lesson, or a greater length of a video.
        """
        with translate_errors("ClickHouse rollups"):
            self._run("write_orders", version=version)
            self._run("find_resized")
            learners = self._count("count_resized")
            if learners:
                self._pass("touch_resized", 1 + learners // _LEARNERS_PER_SLICE, version)
            self._run("note_sizes", version=version)
            return learners > 0

    def rebuild(self, version: int) -> None:
        """Make every row again, and drop those that have no days any more.

        :param version: larger than that of any earlier call
        """
        with translate_errors("ClickHouse rollups"):
            self._pass("touch_slice", self._slices(), version)
            self._run("drop_old_learners", version=version)

    def _slices(self) -> int:
        return 1 + self._count("count_days") // _DAYS_PER_SLICE

    def _pass(self, touch: str, slices: int, version: int) -> None:
        for number in range(slices):
            self._run("clear_touched")
            self._run(touch, slices=slices, slice=number)
            self._write(version, awaited=True)

    def _write(self, version: int, *, awaited: bool) -> None:
        self._run("write_videos", version=version)
        if awaited:
            self._run("write_awaited", version=version)
        # Last: `touch_stale` takes its version as proof that both are written.
        self._run("write_courses", version=version)

    def _count(self, name: str) -> int:
        return int(self._client.query(_QUERIES[name]).result_rows[0][0])

    def _run(self, name: str, **values: object) -> None:
        for statement in split_statements(self._desk.at(_QUERIES[name])):
            self._client.command(statement, parameters=values)


def _columns(learners: Collection[tuple[str, bytes]]) -> pa.Table:
    courses, students = zip(*learners, strict=True)
    return pa.table(
        {"course_id": pa.array(courses, pa.string()), "student_id": pa.array(students, pa.binary(16))}
    )
