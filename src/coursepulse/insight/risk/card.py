"""The model card: what a model was made of, how good it is, for whom, and where it ends. JSON and Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec
import polars as pl

from coursepulse.insight.features import FEATURES, features_hash
from coursepulse.insight.risk.calibration import Calibration
from coursepulse.insight.risk.dataset import CourseKind, lost_of
from coursepulse.insight.risk.drift import FeatureSpread, spread_of
from coursepulse.insight.risk.gate import Ruling
from coursepulse.insight.risk.groups import PartQuality, by_course, by_group
from coursepulse.insight.risk.metrics import FigureInterval, Quality, ReliabilityBand, reliability
from coursepulse.insight.risk.train import Trained

#: What every model of this kind cannot do.
LIMITS = (
    "It predicts from what a platform records. What happens outside of it is not known.",
    "A share says what moved the prediction. It is not a cause.",
    "A term unlike all earlier ones is not foreseen; drift is watched for that.",
    "It helps to decide who is offered help first, never for a mark, a place or a penalty.",
)


_KINDS = {CourseKind.DATED: "with dates", CourseKind.SELF_PACED: "self-paced"}


class ModelCard(msgspec.Struct, frozen=True):
    """Everything to know about one trained model.

    :param trained_at: ISO 8601
    :param data: where the rows came from, in words
    :param quality: on the latest period, which the measured model had not seen
    :param spreads: of each feature in training, to notice drift by
    """

    trained_at: str
    data: str
    kind: str
    periods: list[str]
    rows: int
    students: int
    lost: float
    features: list[str]
    features_hash: str
    calibration: Calibration
    contenders: dict[str, float]
    quality: Quality
    by_course: list[PartQuality]
    by_group: list[PartQuality]
    reliability: list[ReliabilityBand]
    ruling: Ruling
    spreads: dict[str, FeatureSpread]
    limits: list[str]
    kinds: list[CourseKind]


def make_card(
    trained: Trained,
    rows: pl.DataFrame,
    ruling: Ruling,
    *,
    data: str,
    trained_at: str,
    groups: pl.DataFrame | None,
) -> ModelCard:
    """The card of a model.

    :param rows: the rows it was trained on
    :param groups: ``student``, ``course`` and group attributes, for the report on fairness alone
    """
    late, risk = trained.tested, trained.held_out
    model = trained.model
    return ModelCard(
        trained_at,
        data,
        model.scorer.kind,
        sorted(rows["period"].unique()),
        rows.height,
        rows["student"].n_unique(),
        float(lost_of(rows).mean()),
        model.names,
        features_hash(model.features),
        model.calibration,
        dict(trained.contenders),
        trained.quality,
        by_course(late, risk),
        [] if groups is None else by_group(late, risk, groups),
        reliability(lost_of(late), risk),
        ruling,
        {name: spread_of(rows[name]) for name in model.names},
        list(LIMITS),
        list(model.kinds),
    )


def as_json(card: ModelCard) -> bytes:
    """The card for programs."""
    return msgspec.json.format(msgspec.json.encode(card), indent=1)


def read_card(text: bytes) -> ModelCard:
    """The card that :func:`as_json` wrote."""
    return msgspec.json.decode(text, type=ModelCard)


def as_markdown(card: ModelCard) -> str:
    """The card for people."""
    return "\n".join(
        [
            "# Model card: at-risk\n",
            *_verdict(card),
            "\n## Data\n",
            f"{card.data}. Periods: {', '.join(card.periods)}. {card.rows:,} rows of {card.students:,} students, "
            f"of which {card.lost:.1%} ended in loss. Trained at {card.trained_at}. "
            f"Kinds of courses: {', '.join(_KINDS[kind] for kind in card.kinds)}; it says nothing of others.",
            "\n## Model\n",
            f"{card.kind}, the best of: {_listed(card.contenders)} (AUC on the latest period). "
            f"Features {card.features_hash}:\n",
            *_features(card),
            "\n## Quality on the latest period\n",
            *_quality(card.quality),
            "\n## How predictions came out\n",
            *_table(
                ("predicted between", "predictions", "predicted", "observed"),
                (
                    (f"{one.low:.1f} and {one.high:.1f}", one.predictions, one.predicted, one.observed)
                    for one in card.reliability
                ),
            ),
            "\n## By course and by group\n",
            *_parts([*card.by_course, *card.by_group]),
            "\n## Limits\n",
            *(f"- {one}" for one in card.limits),
            "",
        ]
    )


def _verdict(card: ModelCard) -> list[str]:
    gain = card.ruling.gain
    beats = f"AUC {gain.value:+.3f} against the rule ({gain.low:+.3f} to {gain.high:+.3f})."
    if card.ruling.accepted:
        return [f"**May be shown.** {beats}"]
    return [f"**The rule stays.** {beats}", "", *(f"- {one.sentence()}" for one in card.ruling.objections)]


def _features(card: ModelCard) -> list[str]:
    known = {each.name: each for each in FEATURES}
    rows = ((name, known[name].unit.value, known[name].definition) for name in card.features if name in known)
    return _table(("feature", "unit", "definition"), rows)


def _quality(quality: Quality) -> list[str]:
    figures: list[tuple[str, str]] = [
        ("predictions", f"{quality.predictions:,}"),
        ("lost", f"{quality.lost:.1%}"),
        ("AUC", _bounds(quality.auc)),
        ("average precision", _bounds(quality.average_precision)),
        ("Brier score", _bounds(quality.brier)),
        ("calibration error (ECE)", f"{quality.ece:.3f}"),
        ("precision in the top 15 %", f"{quality.top_precision:.3f}"),
    ]
    return _table(("figure", "value"), figures)


def _parts(parts: Sequence[PartQuality]) -> list[str]:
    heads = ("of", "name", "predictions", "lost", "AUC", "ECE", "recall")
    return _table(heads, parts) if parts else ["No part is large enough for figures of its own."]


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    lines = (" | ".join(_cell(one) for one in row) for row in rows)
    return [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {line} |" for line in lines)]


def _cell(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value).replace("|", "\\|")


def _bounds(figure: FigureInterval) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f} to {figure.high:.3f})"


def _listed(contenders: dict[str, float]) -> str:
    return ", ".join(f"{kind} {found:.3f}" for kind, found in contenders.items())
