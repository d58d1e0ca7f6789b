"""Models learn what is there, say what they mean, and give reasons that add up."""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import cache
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from coursepulse.insight.facts import StudyFacts
from coursepulse.insight.features import FEATURES
from coursepulse.insight.risk.calibration import Calibration, fit_level, fit_line, probability_of, stages_of
from coursepulse.insight.risk.dataset import CutOff, lost_of, make_rows, period_weights
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.risk.metrics import auc
from coursepulse.insight.risk.model import StaleModel, read_model, total
from coursepulse.insight.risk.models import CONTENDERS, ExtraMissing
from coursepulse.insight.risk.train import TooFewRows, Trained, train
from tests.insight.synthetic import START, make_facts

DAYS = (28, 56, 84)
KINDS = ("logistic", "boosted", "blended")


@cache
def campus() -> StudyFacts:
    return make_facts(11, students=150)


@cache
def rows() -> pl.DataFrame:
    courses = campus().courses
    cuts = [
        CutOff(term["start"][0] + timedelta(days=day), str(term["cohort"][0]), day, term["course"])
        for term in courses.partition_by("cohort", maintain_order=True)
        for day in DAYS
    ]
    return make_rows(campus(), cuts, date.max, FEATURES, Horizon())


@cache
def trained() -> Trained:
    return train(rows())


def test_it_finds_who_is_lost() -> None:
    contenders = trained().contenders
    assert set(contenders) == set(KINDS)
    assert trained().model.scorer.kind == max(contenders, key=lambda kind: contenders[kind])
    assert trained().quality.auc.value > 0.75
    late = rows().filter(pl.col("period") == "2031A", "enough")
    assert trained().quality.predictions == late.height


@pytest.mark.parametrize("kind", KINDS)
def test_shares_add_up_to_the_probability(kind: str) -> None:
    model = train_as(kind)
    probabilities = model.model.probabilities(rows())
    np.testing.assert_allclose(total(model.model.shares(rows())), probabilities, rtol=1e-9)
    assert probabilities.min() >= 0
    assert probabilities.max() <= 1
    assert np.ptp(probabilities) > 0.3


@cache
def train_as(kind: str) -> Trained:
    """Trained with this kind alone."""
    return train(rows(), kinds=(kind,))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_stored_says_the_same(kind: str) -> None:
    model = train_as(kind).model
    again = read_model(model.files())
    np.testing.assert_array_equal(again.probabilities(rows()), model.probabilities(rows()))
    assert again.files() == model.files()


def test_files_are_open_formats() -> None:
    files = train_as("boosted").model.files()
    assert files["scorer.txt"].startswith(b"tree\n")
    assert all(text.decode().isprintable() or "\n" in text.decode() for text in files.values())


def test_a_model_of_other_features_is_refused() -> None:
    with pytest.raises(StaleModel):
        read_model(trained().model.files(), FEATURES[:5])


def test_a_better_score_never_counts_against_anybody() -> None:
    model = train_as("boosted").model
    names = [each.name for each in model.features if each.direction]
    for name in names:
        direction = next(each.direction for each in FEATURES if each.name == name)
        more = rows().with_columns(pl.col(name) + 0.2)
        change = direction * (model.probabilities(more) - model.probabilities(rows()))
        assert change.min() > -1e-9, name


def test_every_period_weighs_the_same() -> None:
    weighed = rows().with_columns(weight=pl.Series(period_weights(rows())))
    sums = weighed.group_by("period").agg(pl.col("weight").sum())["weight"]
    assert sums.max() == pytest.approx(sums.min())
    assert weighed["weight"].mean() == pytest.approx(1)


def test_a_single_period_is_divided_by_students() -> None:
    alone = rows().filter(pl.col("period") == "2030A")
    assert train(alone, kinds=("logistic",)).quality.auc.value > 0.75


def test_too_little_history_is_said() -> None:
    with pytest.raises(TooFewRows, match="at least 50"):
        train(rows().head(40))


def test_a_newcomer_has_not_enough_information() -> None:
    start = START["one-2030A"]
    early = make_rows(
        campus(),
        [CutOff(start + timedelta(days=3), "x", 3, campus().courses["course"])],
        date.max,
        FEATURES,
        Horizon(),
    )
    assert not early["enough"].any()
    assert rows()["enough"].all()


def test_calibration_mends_what_is_too_bold_early() -> None:
    random = np.random.default_rng(3)
    truth, stages = random.normal(0, 1.2, 40_000), random.uniform(0, 1, 40_000)
    lost = (random.uniform(size=40_000) < probability_of(truth)).astype(float)
    bold = (truth - 0.4) / (0.5 + 0.4 * stages)
    found = fit_line(bold, stages, lost, np.ones(40_000))
    assert (found.slope, found.growth, found.level) == pytest.approx((0.5, 0.4, 0.4), abs=0.06)
    level = fit_level(Calibration(0.5, 0.4, 9.0), bold, stages, lost, np.ones(40_000))
    assert level.level == pytest.approx(0.4, abs=0.05)


def test_stages_end() -> None:
    days = pl.DataFrame({"days_in_course": [None, -3.0, 56.0, 900.0]})
    assert stages_of(days).tolist() == [0, 0, 0.5, 1]


def test_the_rule_is_computed_on_the_same_rows() -> None:
    assert auc(lost_of(rows()), rows()["rule"].to_numpy()) > 0.65


def test_without_the_library_of_the_system_one_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """LightGBM is installed, and its import fails all the same."""

    def find(name: str, *_: object) -> None:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")

    monkeypatch.delitem(sys.modules, "lightgbm", raising=False)
    monkeypatch.setattr(sys, "meta_path", [SimpleNamespace(find_spec=find), *sys.meta_path])
    with pytest.raises(ExtraMissing, match="libgomp"):
        CONTENDERS["boosted"](np.zeros((4, 1)), np.zeros(4), np.ones(4), (), 0)
