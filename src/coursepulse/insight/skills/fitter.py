"""Keeps the model of skills of each course up to date: a job."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import polars as pl
import pyarrow as pa
from clickhouse_connect.driver.client import Client

from coursepulse.insight.skills.course_fit import CourseFit, SkillMap, fingerprint, fit_course
from coursepulse.kit.clock import Clock, Micros, utc_date
from coursepulse.kit.sql import Queries
from coursepulse.store.clickhouse.connect import translate_errors
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.connect import translate_errors as translate_postgres

_FITS = Queries("coursepulse.insight.skills.clickhouse")
_MAPS = Queries("coursepulse.insight.skills.postgres")

#: A course is fitted again on the same day when it has so many times the answers.
GROWTH = 1.2


class _Due(NamedTuple):
    """A course, as ``fits_due`` finds it."""

    course: str
    answers: int
    questions: int
    fitted_answers: int
    fitted_questions: int
    fitted_on: date
    skill_map: int

    def is_due(self, today: date, skill_map: int) -> bool:
        """Whether there are enough new answers, or on a new day any; a new question, or another map."""
        if self.questions != self.fitted_questions or self.skill_map != skill_map:
            return True
        changed = self.answers != self.fitted_answers
        return changed and (self.fitted_on < today or self.answers >= GROWTH * self.fitted_answers)


class SkillFitter:
    """Fits one course a turn. The same answers make the same fit, in whatever order they came.

    :param open_client: called at each turn
    """

    def __init__(self, open_client: Callable[[], Client], pool: Pool, clock: Clock) -> None:
        self._open, self._pool, self._clock = open_client, pool, clock

    def turn(self) -> str | None:
        """Fits the course that has the most new answers, and says which."""
        now, maps = self._clock(), self._read_maps()
        with translate_errors("The model of skills"):
            client = self._open()
            try:
                return self._fit_next(client, now, maps)
            finally:
                client.close()

    def _fit_next(self, client: Client, now: Micros, maps: dict[str, SkillMap]) -> str | None:
        today, found = utc_date(now), [_Due(*row) for row in client.query(_FITS["fits_due"]).result_rows]
        due = [each for each in found if each.is_due(today, fingerprint(maps.get(each.course, {})))]
        if not due:
            return None
        chosen = max(due, key=lambda each: (each.answers - each.fitted_answers, each.course))
        self._fit(client, chosen, maps.get(chosen.course, {}), now)
        return chosen.course

    def _fit(self, client: Client, due: _Due, skills: SkillMap, now: Micros) -> None:
        table = client.query_arrow(_FITS["fits_answers"], parameters={"course": due.course}, use_strings=True)
        answers = pl.DataFrame(pl.from_arrow(table))
        if answers.height:
            fitted = fit_course(answers, skills)
            client.insert_arrow("question_levels", _questions(fitted, due.course, now))
        else:
            fitted = CourseFit(pl.DataFrame(), [], [])
        client.insert_arrow("course_habits", _habits(fitted, due, fingerprint(skills), now))

    def _read_maps(self) -> dict[str, SkillMap]:
        maps: dict[str, dict[tuple[str, str], list[str]]] = {}
        with translate_postgres("The map of skills"), self._pool.connection() as connection:
            for course, assessment, question, skills in connection.execute(_MAPS["skill_map"].encode()):
                maps.setdefault(course, {})[assessment, question] = skills
        return dict(maps)


def _questions(fitted: CourseFit, course: str, now: Micros) -> pa.Table:
    stamped = fitted.questions.with_columns(
        course_id=pl.lit(course), fitted_on=pl.lit(utc_date(now)), version=pl.lit(now, pl.UInt64)
    )
    return stamped.to_arrow()


def _habits(fitted: CourseFit, due: _Due, skill_map: int, now: Micros) -> pa.Table:
    row: dict[str, list[Any]] = {
        "course_id": [due.course],
        "fitted_on": [utc_date(now)],
        "answers": [due.answers],
        "questions": [due.questions],
        "skill_map": pa.array([skill_map], pa.uint64()),
        "habits": pa.array([fitted.habits], pa.list_(pa.float64())),
        "curve": pa.array([fitted.curve], pa.list_(pa.float64())),
        "version": pa.array([now], pa.uint64()),
    }
    return pa.table(row)
