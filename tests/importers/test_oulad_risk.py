"""How well the risk rule predicts who will drop out, on real data: the definitions say it of every presentation."""

from __future__ import annotations

from pathlib import Path

import pytest

from coursepulse.definitions.risk import Bucket
from tests.importers.oulad_risk import Judged, Oulad, area_under_curve, precision_and_recall
from tests.importers.real_data import OULAD, needs_oulad

DOCS = Path(__file__).parents[2] / "docs/reference/definitions.md"
PRESENTATION = "2014B"

#: What was reached less a little: day, students, area under the curve, precision and recall of "struggling".
REACHED = [
    pytest.param(28, 6509, 0.725, 0.80, 0.38, marks=pytest.mark.long),
    pytest.param(56, 6210, 0.787, 0.78, 0.49, marks=pytest.mark.long),
    (112, 5836, 0.857, 0.80, 0.63),
]


@pytest.fixture(scope="module")
def oulad() -> Oulad:
    return Oulad(OULAD, PRESENTATION)


@needs_oulad
@pytest.mark.parametrize(("day", "students", "area", "precision", "recall"), REACHED)
def test_the_rule_does_not_get_worse(
    oulad: Oulad, day: int, students: int, area: float, precision: float, recall: float
) -> None:
    judged = list(oulad.judge(day))
    reached = (area_under_curve(judged), *precision_and_recall(judged))
    assert len(judged) == students
    assert [got >= wanted for got, wanted in zip(reached, (area, precision, recall), strict=True)] == [
        True
    ] * 3
    assert (
        f"| {PRESENTATION} | {day} | {students:,} | {reached[0]:.3f}".replace("0.", ".") in DOCS.read_text()
    )


def test_the_area_is_the_share_of_pairs_in_the_right_order() -> None:
    judged = [
        Judged(score, Bucket.ON_TRACK, lost)
        for score, lost in ((0, False), (10, False), (10, True), (20, True))
    ]
    assert area_under_curve(judged) == 3.5 / 4
