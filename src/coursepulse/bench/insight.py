"""What models cost on a large campus: features, training, scoring, one explanation, and memory. No stores take part."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from functools import partial
from typing import TypeVar

import numpy as np
import polars as pl

from coursepulse.bench.result import BenchmarkReport, Measurement
from coursepulse.insight.facts import COLUMNS, Ending, StudyFacts, no_facts
from coursepulse.insight.features import FEATURES, StudyMoment
from coursepulse.insight.risk.dataset import make_rows, score_rows
from coursepulse.insight.risk.explain import explain
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.risk.model import RiskModel
from coursepulse.insight.risk.train import train
from coursepulse.insight.scoring import batches
from coursepulse.insight.training import both_outcomes, choose_courses, cut_offs

STUDENTS, ENROLMENTS = 100_000, 500_000

#: Learners of a course; so many courses of ten are over.
_CLASS, _OVER = 2_500, 4

_TODAY, _LENGTH = date(2031, 6, 1), 100
_DUE = (20, 40, 60, 80)
_LESSONS = 12

#: Explanations whose mean is taken.
_ASKED = 20

T = TypeVar("T")


class MadeFacts:
    """A campus whose courses are made when they are read, each from its own seed: only facts in use take room."""

    def __init__(self, enrolments: int = ENROLMENTS, students: int = STUDENTS) -> None:
        self._students = students
        self._courses = [f"c{nth:04d}" for nth in range(max(1, enrolments // _CLASS))]
        self._size = min(_CLASS, enrolments)

    def courses(self) -> dict[str, int]:
        """Every course, and how many learners it has."""
        return dict.fromkeys(self._courses, self._size)

    def read(self, courses: Collection[str], day: date, students: Sequence[bytes] = ()) -> StudyFacts:
        """What was known of some courses at the end of ``day``."""
        del students
        made = [self._make(course) for course in sorted(courses)]
        frames = {name: pl.concat([each[name] for each in made]) for name in COLUMNS}
        return StudyFacts(**frames).known_at(day)

    def _make(self, course: str) -> dict[str, pl.DataFrame]:
        nth = int(course[1:])
        random = np.random.default_rng(nth)
        start = _TODAY - timedelta(days=_LENGTH + 40 + nth % 90 if nth % 10 < _OVER else 60)
        who = random.choice(self._students, self._size, replace=False)
        skill = random.normal(size=self._size)
        # Who gives up does so on some day; the others go on to the end.
        lost = random.random(self._size) < 1 / (1 + np.exp(1 + 1.5 * skill))
        last = np.where(lost, random.integers(8, _LENGTH, self._size), _LENGTH)
        people = pl.DataFrame({"student": who, "skill": skill, "last": last, "lost": lost})
        return _frames(course, start, people, random)


def _frames(
    course: str, start: date, people: pl.DataFrame, random: np.random.Generator
) -> dict[str, pl.DataFrame]:
    first = pl.lit(start)
    at = first + pl.duration(days=pl.col("last"))
    ended = pl.when("lost").then(pl.lit(Ending.WITHDREW.value)).otherwise(pl.lit(Ending.PASSED.value))
    end = first + pl.duration(days=_LENGTH)
    one = pl.DataFrame({"course": [course]})
    named = pl.lit(course)
    return {
        "courses": _shape("courses", one, series=named, start=first, end=end, known=first),
        "enrolments": _shape("enrolments", people, course=named, registered=first, known=first),
        "endings": _shape("endings", people, course=named, day=at, kind=ended, known=at),
        "activity": _activity(named, first, people, random),
        **_graded(named, first, people, random),
        **_lessons(named, first, people),
    }


def _activity(
    named: pl.Expr, first: pl.Expr, people: pl.DataFrame, random: np.random.Generator
) -> pl.DataFrame:
    days = people.join(pl.DataFrame({"at": range(0, _LENGTH, 4)}), how="cross").filter(
        pl.col("at") <= pl.col("last")
    )
    days = days.filter(pl.Series(random.random(days.height)) < 0.6)
    day, count = first + pl.duration(days=pl.col("at")), pl.col("at") % 7 + 1
    return _shape("activity", days, course=named, day=day, kind=pl.lit("lesson"), count=count, known=day)


def _graded(
    named: pl.Expr, first: pl.Expr, people: pl.DataFrame, random: np.random.Generator
) -> dict[str, pl.DataFrame]:
    due = people.join(pl.DataFrame({"due": _DUE}), how="cross").filter(pl.col("due") <= pl.col("last"))
    due = due.filter(pl.Series(random.random(due.height)) < 0.9)
    score = (65 + 12 * due["skill"] + 8 * pl.Series(random.normal(size=due.height))).clip(0, 100)
    handed = first + pl.duration(days=pl.col("due") - 1)
    works = pl.DataFrame({"at": _DUE})
    return {
        "results": _shape(
            "results",
            due.with_columns(score=score),
            course=named,
            assessment=pl.format("{}#{}", named, "due"),
            attempt=pl.lit(1),
            handed_in=handed,
            known=handed,
        ),
        "assessments": _shape(
            "assessments",
            works,
            course=named,
            assessment=pl.format("{}#{}", named, "at"),
            weight=pl.lit(25.0),
            due=first + pl.duration(days=pl.col("at")),
            known=first,
        ),
    }


def _lessons(named: pl.Expr, first: pl.Expr, people: pl.DataFrame) -> dict[str, pl.DataFrame]:
    done = people.join(pl.DataFrame({"item": range(_LESSONS)}), how="cross")
    done = done.filter(pl.col("item") * _LENGTH / _LESSONS < pl.col("last"))
    opens = first + pl.duration(days=(pl.col("item") * _LENGTH / _LESSONS).cast(pl.Int64))
    lessons = pl.DataFrame({"nth": range(_LESSONS)})
    return {
        "items": _shape("items", lessons, course=named, item=pl.format("{}@{}", named, "nth"), known=first),
        "done": _shape(
            "done", done, course=named, item=pl.format("{}@{}", named, "item"), day=opens, known=opens
        ),
    }


def _shape(name: str, rows: pl.DataFrame, **given: pl.Expr | str) -> pl.DataFrame:
    """The columns of a frame of facts; what is not given is as it stands, or null."""
    schema = getattr(no_facts(pl.Int64()), name).schema
    known = {column: pl.col(each) if isinstance(each, str) else each for column, each in given.items()}
    columns = [
        known.get(column, pl.col(column) if column in rows.columns else pl.lit(None)).cast(kind).alias(column)
        for column, kind in schema.items()
    ]
    return rows.select(columns)


class _ActionTimes:
    """Adds up the time of several actions, and what of it the process was working."""

    def __init__(self) -> None:
        self.seconds = self.working = 0.0

    def take(self, action: Callable[[], T]) -> T:
        """Do it, and add its time."""
        begun, worked = time.perf_counter(), time.process_time()
        found = action()
        self.seconds += time.perf_counter() - begun
        self.working += time.process_time() - worked
        return found

    def line(self, name: str, target: str, unit: str = "s", factor: float = 1.0) -> Measurement:
        """The measured time, beside what it would have been on a machine with nothing else to do."""
        alone = f"{factor * self.working:,.1f} {unit} of CPU"
        return Measurement(name, factor * self.seconds, unit, limit=alone, target=target)


def run(enrolments: int = ENROLMENTS, students: int = STUDENTS) -> BenchmarkReport:
    """Everything that a weekly training and a daily scoring do between reading facts and writing predictions."""
    facts = MadeFacts(enrolments, students)
    training, making, scoring, explaining = _ActionTimes(), _ActionTimes(), _ActionTimes(), _ActionTimes()
    chosen = facts.read(choose_courses(facts.courses()), _TODAY)
    model = training.take(partial(_train, chosen))
    del chosen
    some, learners = pl.DataFrame(), 0
    for batch in batches(facts.courses()):
        table = making.take(partial(_features, facts.read(batch, _TODAY)))
        learners += table.height
        some = table.filter("enough")
        scoring.take(partial(_score, model, some))
    for nth in range(_ASKED):
        explaining.take(partial(explain, model, some[nth], some, ()))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return BenchmarkReport(
        "insight",
        [
            Measurement(
                "learners in courses that go on", learners, "", target=f"of {enrolments:,} enrolments"
            ),
            making.line("features of all as of now", "60"),
            training.line("training", "180"),
            scoring.line("scoring all", "20"),
            explaining.line("one explanation", "50", "ms", 1000 / _ASKED),
            Measurement("peak memory of the process", peak, "MiB", target="2,048"),
        ],
    )


def _train(known: StudyFacts) -> RiskModel:
    horizon = Horizon()
    rows = make_rows(known, cut_offs(known, _TODAY, horizon), _TODAY, FEATURES, horizon)
    return train(both_outcomes(rows.filter("enough"))).model


def _features(facts: StudyFacts) -> pl.DataFrame:
    return score_rows(StudyMoment(facts, _TODAY), FEATURES)


def _score(model: RiskModel, rows: pl.DataFrame) -> None:
    model.shares(rows)
    model.probabilities(rows)
