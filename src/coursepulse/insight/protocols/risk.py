"""The at-risk protocol on OULAD: trained on some presentations, tested on a later one.

Only students who are still registered on a day are scored, with only what was known on that day. Scoring people who
have already left would make every figure better and help nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.features import FEATURES, Feature
from coursepulse.insight.features.study import STUDY
from coursepulse.insight.protocols.figures import figures
from coursepulse.insight.protocols.oulad import read_groups, read_oulad
from coursepulse.insight.protocols.protocol import Evaluation, Wishes
from coursepulse.insight.risk.dataset import CutOff, lost_of, make_rows
from coursepulse.insight.risk.gate import judge_model
from coursepulse.insight.risk.groups import by_course, by_group
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.risk.metrics import reliability
from coursepulse.insight.risk.train import Trained, train
from coursepulse.kit.errors import CoursepulseError

#: Moments of a presentation that a model is trained on, all at once.
TRAINING_DAYS = (14, 28, 42, 56, 70, 84, 98, 112)


def evaluate(folder: Path, wishes: Wishes) -> Evaluation:
    """Train on earlier presentations, test on a later one; without wishes, on the latest, trained on all before it."""
    facts = read_oulad(folder)
    past, new = _split(facts, wishes)
    facts = facts.in_courses(pl.concat([past, new])["course"])
    trained = train(_rows(facts, past, sorted({*TRAINING_DAYS, *wishes.days})), _usable(facts, new))
    return _report(folder, trained, _rows(facts, new, wishes.days), past, new)


def _split(facts: StudyFacts, wishes: Wishes) -> tuple[pl.DataFrame, pl.DataFrame]:
    courses = facts.courses.sort("start", "course")
    latest = str(courses["cohort"][-1])
    new = _chosen(courses, wishes.test or (latest,))
    earlier = courses.filter(pl.col("start") < new["start"].min())
    return _chosen(courses, wishes.train) if wishes.train else earlier, new


def _chosen(courses: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Presentations by their name, such as 2013B, or single courses, such as BBB-2013B."""
    unknown = [name for name in names if name not in {*courses["cohort"], *courses["course"]}]
    if unknown:
        raise CoursepulseError(f"There is no presentation or course {', '.join(unknown)} in these files.")
    return courses.filter(pl.col("cohort").is_in(names) | pl.col("course").is_in(names))


def _rows(facts: StudyFacts, courses: pl.DataFrame, days: Iterable[int]) -> pl.DataFrame:
    terms = courses.partition_by("start", maintain_order=True)
    cuts = [
        CutOff(
            term["start"][0] + timedelta(days=day),
            f"{term['start'][0]} {term['cohort'][0]}",
            day,
            term["course"],
        )
        for term in terms
        for day in days
    ]
    return make_rows(facts, cuts, date.max, FEATURES, Horizon())


def _usable(facts: StudyFacts, new: pl.DataFrame) -> list[Feature]:
    """Where the new courses have no clicks, a model that leans on clicks is of no use."""
    heard = facts.activity.filter(pl.col("course").is_in(new["course"].implode())).height
    return [each for each in FEATURES if heard or each not in STUDY]


def _report(
    folder: Path, trained: Trained, rows: pl.DataFrame, past: pl.DataFrame, new: pl.DataFrame
) -> Evaluation:
    risk = trained.model.probabilities(rows)
    lost = lost_of(rows)
    groups = by_group(rows, risk, read_groups(folder))
    return Evaluation(
        "risk",
        {
            "train": past["course"].to_list(),
            "test": new["course"].to_list(),
            "model": trained.model.scorer.kind,
            "contenders": dict(trained.contenders),
            "clicks": any(each in STUDY for each in trained.model.features),
            "calibration": trained.model.calibration,
            "scored": "students still registered at the end of the day, by what was known then",
        },
        [
            {"day": part["elapsed_days"][0], "students": part.height} | figures(trained.model, part)
            for part in rows.partition_by("elapsed_days", maintain_order=True)
        ],
        {
            "by_course": [each._asdict() for each in by_course(rows, risk)],
            "by_group": [each._asdict() for each in groups],
            "gate": judge_model(rows, risk, None, groups),
            "reliability": [each._asdict() for each in reliability(lost, risk)],
        },
    )
