"""A small campus as facts: three runs of two courses, made from a seed."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from coursepulse.insight.facts import COLUMNS, Ending, Pursuit, StudyFacts, no_facts

START = {"one-2030A": date(2030, 1, 7), "two-2030A": date(2030, 1, 7), "one-2031A": date(2031, 1, 6)}
LENGTH = 140
DUE = (20, 40, 60, 80, 100, 120)

Row = dict[str, object]


def make_facts(seed: int, students: int = 40) -> StudyFacts:
    """Facts in which ability decides how much is done, how well, and who leaves."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[Row]] = {name: [] for name in COLUMNS}
    for course, start in START.items():
        _add_course(rows, course, start)
        for nth in range(students):
            _add_student(rows, random, course, start, f"{course}/{nth}")
    return make_frames(rows)


def make_frames(rows: dict[str, list[Row]]) -> StudyFacts:
    """Frames of facts from rows; what a row leaves out is null."""
    empty = no_facts()
    frames = {
        name: pl.DataFrame(found, schema=getattr(empty, name).schema) for name, found in rows.items() if found
    }
    return StudyFacts(**{name: frames.get(name, getattr(empty, name)) for name in COLUMNS})


def _add_course(rows: dict[str, list[Row]], course: str, start: date) -> None:
    series, cohort = course.split("-")
    end = start + timedelta(days=LENGTH)
    known = start - timedelta(days=200)
    rows["courses"].append(
        {"course": course, "series": series, "cohort": cohort, "start": start, "end": end, "known": known}
    )
    for nth, due in enumerate(DUE):
        rows["assessments"].append(
            {
                "course": course,
                "assessment": f"{course}#{nth}",
                "kind": "TMA",
                "weight": 10.0,
                "due": start + timedelta(days=due),
                "known": known,
            }
        )
    rows["items"] += [
        {"course": course, "item": f"{course}@{nth}", "kind": "lesson", "known": start} for nth in range(20)
    ]


def _add_student(
    rows: dict[str, list[Row]], random: np.random.Generator, course: str, start: date, student: str
) -> None:
    ability = float(random.normal())
    who: Row = {"student": student, "course": course}
    registered = start - timedelta(days=int(random.integers(1, 60)))
    rows["enrolments"].append(
        {
            **who,
            "registered": registered,
            "attempts_before": 0,
            "credits": 60,
            "known": registered,
        }
    )
    leaves = random.random() < 0.25 / (1 + np.exp(2 * ability))
    last = int(random.integers(10, LENGTH)) if leaves else LENGTH
    for nth, due in enumerate(DUE):
        if due <= last and random.random() < 1 / (1 + np.exp(-2 - 2 * ability)):
            _add_result(rows, random, {**who, "assessment": f"{course}#{nth}"}, start, due, ability)
    _add_activity(rows, random, who, start, last, ability)
    passed = not leaves and ability + random.normal() * 0.5 > -0.3
    kind = Ending.WITHDREW if leaves else Ending.PASSED if passed else Ending.FAILED
    ended = start + timedelta(days=last)
    rows["endings"].append({**who, "day": ended, "kind": kind.value, "known": ended})


def _add_result(
    rows: dict[str, list[Row]],
    random: np.random.Generator,
    work: Row,
    start: date,
    due: int,
    ability: float,
) -> None:
    handed = start + timedelta(days=due - int(random.integers(-3, 8)))
    row = {**work, "attempt": 1, "handed_in": handed, "banked": False}
    score = float(np.clip(60 + 12 * ability + 8 * random.normal(), 0, 100))
    rows["results"].append({**row, "known": handed})
    rows["results"].append({**row, "score": score, "known": handed + timedelta(days=5)})


def _add_activity(
    rows: dict[str, list[Row]],
    random: np.random.Generator,
    who: Row,
    start: date,
    last: int,
    ability: float,
) -> None:
    kinds = [kind.value for kind in Pursuit]
    for day in range(0, last, 3):
        if random.random() < 1 / (1 + np.exp(-ability)):
            on = start + timedelta(days=day)
            count = int(random.integers(1, 30))
            fact = {**who, "day": on, "kind": kinds[day % len(kinds)], "count": count, "known": on}
            rows["activity"].append(fact)
    for nth in range(int(20 * last / LENGTH / (1 + np.exp(-ability)))):
        on = start + timedelta(days=nth * 7)
        rows["done"].append({**who, "item": f"{who['course']}@{nth}", "day": on, "known": on})
