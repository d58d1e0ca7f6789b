"""Facts from the stores: of learners who agreed to analytics, which is what predictions rest on, and of nobody else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import polars as pl

from coursepulse.aggregates.readers import RollupReader
from coursepulse.insight.facts import Ending, FactsExtent, StudyFacts, no_facts
from coursepulse.kit.ids import to_text
from coursepulse.kit.sql import Queries
from coursepulse.store.postgres.connect import Pool, translate_errors

FACT_QUERIES = Queries("coursepulse.insight.clickhouse")

_POSTGRES = Queries("coursepulse.insight.postgres")

#: The catalog has no history: what it says counts as known from the beginning.
ALWAYS = date(1970, 1, 1)

#: Pseudonyms are bytes in every frame.
STUDENT = pl.Binary()

_FROM_ROLLUPS = ("enrolments", "endings", "activity", "results", "assessments", "items", "done")


class StoredFacts:
    """Reads facts of some courses at a time, so that memory follows the largest course and not the campus.

    :param rollups: a reader of :data:`FACT_QUERIES`
    :param pool: connections as the service
    """

    def __init__(self, rollups: RollupReader, pool: Pool) -> None:
        self._rollups, self._pool = rollups, pool

    def courses(self) -> dict[str, int]:
        """Every course with learners, and how many it has.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        rows = self._rollups.rows("facts_courses", {})
        return {row["course"]: row["learners"] for row in rows}

    def extent(self) -> FactsExtent:
        """How far and how much learning is known.

        :raises StoreUnavailable: when ClickHouse does not answer
        """
        found = self._rollups.rows("facts_extent", {})[0]
        return FactsExtent(
            found["newest"] if found["newest"] > ALWAYS else None, found["days"], found["learners"]
        )

    def read(self, courses: Collection[str], day: date, students: Sequence[bytes] = ()) -> StudyFacts:
        """What was known of some courses at the end of ``day``.

        :param students: facts about these alone; everybody, if there are none
        :raises StoreUnavailable: when a database does not answer
        """
        values = {
            "courses": sorted(courses),
            "students": [to_text(student) for student in students],
            "end": day + timedelta(days=1),
        }
        asked = [f"facts_{name}" for name in _FROM_ROLLUPS]
        found = self._rollups.frames(asked, values)
        frames = {name: _shape(name, found[f"facts_{name}"]) for name in _FROM_ROLLUPS}
        dated = self._dated(courses)
        frames["endings"] = pl.concat([frames["endings"], _failures(frames, dated, day)])
        return StudyFacts(courses=dated, **frames)

    def _dated(self, courses: Collection[str]) -> pl.DataFrame:
        with translate_errors("The courses"), self._pool.connection() as connection:
            rows = connection.execute(_POSTGRES["dates_of_courses"], {"courses": sorted(courses)}).fetchall()
        told = {row[0]: row for row in rows}
        each = [told.get(course, (course, "", None, None)) for course in sorted(courses)]
        columns = {
            "course": [course for course, *_ in each],
            "series": [title or None for _, title, *_ in each],
            "cohort": [course if title else None for course, title, *_ in each],
            # A course that never ends has no due end either: learners take it at their own pace.
            "start": [start if end else None for *_, start, end in each],
            "end": [end for *_, end in each],
            "known": [ALWAYS for _ in each],
        }
        return pl.DataFrame(columns, schema=_schema("courses"))


def _failures(frames: dict[str, pl.DataFrame], courses: pl.DataFrame, day: date) -> pl.DataFrame:
    """Who was in a course until its last day and had not completed it by then: known the day after."""
    pair = ("student", "course")
    over = courses.filter(pl.col("end") < day).select("course", "end")
    ended = frames["endings"].join(over, on="course").filter(pl.col("day") <= pl.col("end")).select(pair)
    rows = (
        frames["enrolments"]
        .join(over, on="course")
        .filter(pl.col("registered") <= pl.col("end"))
        .unique(pair)
        .join(ended, on=pair, how="anti")
        .with_columns(
            day=pl.col("end"), kind=pl.lit(Ending.FAILED.value), known=pl.col("end").dt.offset_by("1d")
        )
    )
    return _shape("endings", rows.sort("course", "student"))


def _shape(name: str, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of a frame of facts, in their order and types; what no store knows is null."""
    given = set(rows.columns)
    columns = []
    for column, kind in _schema(name).items():
        absent = pl.lit(ALWAYS) if column == "known" else pl.lit(None)
        columns.append((pl.col(column) if column in given else absent).cast(kind).alias(column))
    return rows.select(columns)


def _schema(name: str) -> pl.Schema:
    frame: pl.DataFrame = getattr(no_facts(STUDENT), name)
    return frame.schema
