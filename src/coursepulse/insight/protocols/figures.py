"""How well a model does on rows whose outcome is known, beside the rule: the same figures in each protocol."""

from __future__ import annotations

from typing import Any

import polars as pl

from coursepulse.insight.risk.dataset import lost_of
from coursepulse.insight.risk.metrics import auc, compare, measure_all
from coursepulse.insight.risk.model import RiskModel


def figures(model: RiskModel, rows: pl.DataFrame) -> dict[str, Any]:
    """The figures by name, with the ends of their intervals of 95 %; ``gain`` is the AUC above that of the rule.

    :param rows: features, ``lost``, and the points of the rule in ``rule``
    """
    lost, risk, rule = lost_of(rows), model.probabilities(rows), rows["rule"].to_numpy()
    found, gain = measure_all(lost, risk), compare(lost, risk, rule)
    return {
        "lost": found.lost,
        "auc": found.auc.value,
        "auc_low": found.auc.low,
        "auc_high": found.auc.high,
        "average_precision": found.average_precision.value,
        "brier": found.brier.value,
        "ece": found.ece,
        "top_precision": found.top_precision,
        "rule_auc": auc(lost, rule),
        "gain": gain.value,
        "gain_low": gain.low,
        "gain_high": gain.high,
    }
