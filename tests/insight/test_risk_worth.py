"""What a model is worth, said truthfully: figures, gate, card, drift, explanations."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.insight.risk.card import as_json, as_markdown, make_card, read_card
from coursepulse.insight.risk.dataset import CourseKind, lost_of
from coursepulse.insight.risk.drift import DRIFTED, drift, outcome_drift, psi, spread_of
from coursepulse.insight.risk.explain import FACTORS, Confidence, Explanation, explain
from coursepulse.insight.risk.gate import GateLimits, GateRefusal, judge_kinds, judge_model
from coursepulse.insight.risk.groups import PartQuality, by_group, gaps
from coursepulse.insight.risk.metrics import (
    ReliabilityBand,
    auc,
    average_precision,
    bootstrap,
    brier,
    compare,
    ece,
    recall_at,
    reliability,
    top_precision,
)
from tests.insight.test_risk_training import rows, train_as, trained
from tests.support.long import examples

CASES = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.35, 0.5, 0.99])), min_size=2, max_size=40
)


@given(cases=CASES)
@examples(60)
def test_auc_and_average_precision_are_those_of_the_textbook(cases: list[tuple[bool, float]]) -> None:
    lost, risk = (np.array(each, float) for each in zip(*cases, strict=True))
    pairs = [(a > b) + (a == b) / 2 for a in risk[lost == 1] for b in risk[lost == 0]]
    if not pairs:
        assert np.isnan(auc(lost, risk))
        return
    assert auc(lost, risk) == pytest.approx(np.mean(pairs))
    levels = sorted(set(risk), reverse=True)
    found = [(lost[risk >= level].sum(), lost[risk >= level].mean()) for level in levels]
    gains = zip([0, *(count for count, _ in found)], found, strict=False)
    expected = sum((count - before) * precision for before, (count, precision) in gains) / lost.sum()
    assert average_precision(lost, risk) == pytest.approx(expected)


def test_figures_of_a_few() -> None:
    lost, risk = np.array([0.0, 0, 1, 1]), np.array([0.05, 0.45, 0.42, 0.95])
    assert brier(lost, risk) == pytest.approx((0.05**2 + 0.45**2 + 0.58**2 + 0.05**2) / 4)
    bands = reliability(lost, risk)
    assert [(each.predictions, each.observed) for each in bands] == [(1, 0), (2, 0.5), (1, 1)]
    assert ece(lost, risk) == pytest.approx((0.05 + 2 * 0.065 + 0.05) / 4)
    assert top_precision(lost, risk, 0.5) == 0.5
    assert recall_at(lost, risk, 0.5) == 0.5


def test_intervals_hold_the_figure() -> None:
    lost, risk = lost_of(trained().tested), trained().held_out
    found = bootstrap(auc, lost, risk)
    assert found.low < found.value < found.high
    assert found == bootstrap(auc, lost, risk)
    assert compare(lost, risk, risk) == (0, 0, 0)


def perfect() -> np.ndarray:
    return np.where(lost_of(trained().tested) == 1, 0.97, 0.03)


def refusals(risk: np.ndarray, champion: np.ndarray | None = None, *parts: PartQuality) -> list[str]:
    ruling = judge_model(trained().tested, risk, champion, parts)
    assert ruling.accepted == (not ruling.objections)
    assert all(each.sentence() for each in ruling.objections)
    return [each.refusal for each in ruling.objections]


def part(name: str, calibration: float, recall: float) -> PartQuality:
    return PartQuality("gender", name, 500, 0.4, 0.8, calibration, recall)


def test_a_good_model_passes() -> None:
    assert refusals(perfect()) == []
    assert (
        refusals(perfect(), np.full(trained().tested.height, 0.4), part("F", 0.02, 0.6), part("M", 0.04, 0.7))
        == []
    )


def test_every_way_to_fail() -> None:
    rule = trained().tested["rule"].to_numpy()
    assert GateRefusal.NO_BETTER_THAN_RULE in refusals(rule / 101)
    assert refusals(perfect(), perfect()) == [GateRefusal.NO_BETTER_THAN_CHAMPION]
    assert refusals(perfect() * 0.8) == [GateRefusal.BADLY_CALIBRATED]
    assert refusals(perfect(), None, part("F", 0.01, 0.6), part("M", 0.07, 0.6)) == [
        GateRefusal.GROUP_CALIBRATION
    ]
    assert refusals(perfect(), None, part("F", 0.01, 0.4), part("M", 0.01, 0.6)) == [GateRefusal.GROUP_RECALL]


def test_each_kind_of_course_is_judged_by_itself() -> None:
    tested = trained().tested
    free = np.arange(tested.height) % 3 == 0
    rows = tested.with_columns(dated=pl.Series(~free))
    wrong_there = np.where(free, perfect() * 0.7, perfect())
    assert judge_kinds(rows, perfect(), None).accepted
    [objection] = judge_kinds(rows, wrong_there, None).objections
    assert (objection.refusal, objection.kind) == (GateRefusal.BADLY_CALIBRATED, CourseKind.SELF_PACED)
    assert objection.sentence().startswith("In self-paced courses: Its calibration error")
    known = {each.kind for each in judge_kinds(rows, perfect(), perfect(), [CourseKind.DATED]).objections}
    assert known == {CourseKind.DATED}


def test_limits_are_settings() -> None:
    parts = (part("F", 0.01, 0.4), part("M", 0.01, 0.6))
    assert judge_model(trained().tested, perfect(), None, parts, GateLimits(group_recall=0.3)).accepted
    assert not judge_model(trained().tested, perfect(), None, (), GateLimits(gain=0.9)).accepted


def test_gaps_are_between_groups_of_one_attribute() -> None:
    other = part("55+", 0.9, 0.0)._replace(of="age")
    assert gaps([part("F", 0.01, 0.4), part("M", 0.03, 0.6), other]) == {
        "gender": (pytest.approx(0.02), pytest.approx(0.2)),
        "age": (0, 0),
    }


def test_groups_are_compared_and_small_ones_left_out() -> None:
    tested = trained().tested
    names = pl.Series("gender", ["F" if nth % 2 else "M" for nth in range(tested.height)])
    groups = tested.select("student", "course").with_columns(names).with_columns(rare=pl.lit("x"))
    groups = groups.with_columns(
        rare=pl.when(pl.col("student") == groups["student"][0]).then(pl.lit("y")).otherwise("rare")
    )
    found = by_group(tested, trained().held_out, groups)
    assert {each.of for each in found} == {"gender", "rare"} or tested.height < 400
    assert "y" not in {each.name for each in found}


@cache
def card_text() -> tuple[bytes, str]:
    ruling = judge_model(trained().tested, trained().held_out, None)
    card = make_card(
        trained(), rows(), ruling, data="A made-up campus", trained_at="2031-06-01T00:00:00Z", groups=None
    )
    return as_json(card), as_markdown(card)


def test_the_card_says_everything_twice() -> None:
    text, page = card_text()
    card = read_card(text)
    assert as_json(card) == text
    assert as_markdown(card) == page
    for word in (
        "A made-up campus",
        "2030A, 2031A",
        "AUC",
        "Brier",
        "top 15 %",
        "ECE",
        "one-2031A",
        *card.features,
    ):
        assert word in page, word
    assert card.rows == rows().height
    assert list(card.spreads) == card.features


def test_the_card_of_a_refused_model_says_why() -> None:
    ruling = judge_model(trained().tested, perfect() * 0.8, None)
    card = make_card(trained(), rows(), ruling, data="x", trained_at="2031-06-01T00:00:00Z", groups=None)
    page = as_markdown(card)
    assert "**The rule stays.**" in page
    assert ruling.objections[0].sentence() in page


def test_drift_is_seen_and_its_absence_too() -> None:
    random = np.random.default_rng(1)
    then, same = (pl.Series(random.normal(size=4000)) for _ in range(2))
    spread = spread_of(then)
    assert psi(spread, same) < 0.02
    assert psi(spread, same + 1) > DRIFTED
    assert psi(spread, pl.Series([None] * 100, dtype=pl.Float64)) > DRIFTED
    half = pl.concat([then, pl.Series([None] * 4000, dtype=pl.Float64)])
    assert spread_of(half).shares[-1] == 0.5
    assert sum(spread_of(half).shares) == pytest.approx(1)
    moved = rows().with_columns(pl.col("days_in_course") + 400)
    spreads = {name: spread_of(rows()[name]) for name in ("days_in_course", "credits")}
    assert list(drift(spreads, moved)) == ["days_in_course", "credits"]
    assert drift(spreads, moved)["credits"] == 0
    assert outcome_drift(0.4, 0.4) == 0
    assert outcome_drift(0.2, 0.5) > DRIFTED


def explained(nth: int, record: list[ReliabilityBand] | None = None) -> Explanation:
    model, table = train_as("blended").model, rows().filter(pl.col("elapsed_days") == 56)
    order = np.argsort(model.probabilities(table))
    row = table[int(order[nth])]
    mates = table.filter(pl.col("course") == row["course"][0])
    return explain(model, row, mates, record or [])


@pytest.mark.parametrize("nth", [0, 60, -1])
def test_reasons_add_up_to_the_probability(nth: int) -> None:
    found = explained(nth)
    log_odds = found.base + sum(each.share for each in found.shares)
    assert 1 / (1 + np.exp(-log_odds)) == pytest.approx(found.probability, rel=1e-9)
    assert len(found.shares) == len(train_as("blended").model.features)


def test_the_weightiest_reasons_of_both_sides() -> None:
    found = explained(-1)
    assert found.raising == tuple(each for each in found.shares if each.share > 0)[:FACTORS]
    assert all(each.share < 0 for each in found.lowering)
    assert 0 < len(found.raising) <= FACTORS
    assert abs(found.shares[0].share) >= abs(found.shares[-1].share)


@pytest.mark.parametrize(("nth", "some"), [(0, False), (-30, True), (-1, True)])
def test_what_would_change_it_lowers_the_risk(nth: int, some: bool) -> None:
    found = explained(nth)
    assert bool(found.changes) == some
    assert all(each.probability < found.probability for each in found.changes)
    assert [each.probability for each in found.changes] == sorted(each.probability for each in found.changes)


def test_confidence_is_the_track_record() -> None:
    wide = [ReliabilityBand(0.0, 1.0, 30, 0.5, 0.5)]
    narrow = [wide[0]._replace(predictions=4000)]
    assert explained(-1).confidence is Confidence.LOW
    assert explained(-1, [wide[0]._replace(predictions=3)]).low is None
    assert explained(-1, wide).confidence is Confidence.LOW
    assert explained(-1, [wide[0]._replace(predictions=150)]).confidence is Confidence.MEDIUM
    sure = explained(-1, narrow)
    assert sure.confidence is Confidence.HIGH
    assert sure.low is not None
    assert sure.high is not None
    assert sure.low < 0.5 < sure.high


def test_an_explanation_says_nothing_of_a_feature_it_does_not_have() -> None:
    model = train_as("logistic").model
    few = replace(model, features=model.features)
    row = rows().head(1)
    assert explain(few, row, rows(), []).probability == pytest.approx(model.probabilities(row)[0])
