"""Whether a new model may be shown. The rule stays where it may not, and the card says why."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from coursepulse.insight.risk.dataset import CourseKind, kinds_of, lost_of, of_kind
from coursepulse.insight.risk.groups import PartQuality, by_group, gaps
from coursepulse.insight.risk.metrics import FigureInterval, compare, ece


@dataclass(frozen=True, slots=True)
class GateLimits:
    """What a model must reach.

    :param gain: AUC above the rule's
    :param ece: calibration error at most
    :param group_ece: difference of the calibration error between two groups of one attribute, at most
    :param group_recall: difference of the share of the lost who are found, at most
    """

    gain: float = 0.02
    ece: float = 0.05
    group_ece: float = 0.05
    group_recall: float = 0.15


class GateRefusal(StrEnum):
    """Every way to fail."""

    NO_BETTER_THAN_RULE = "no_better_than_rule"
    NO_BETTER_THAN_CHAMPION = "no_better_than_champion"
    BADLY_CALIBRATED = "badly_calibrated"
    GROUP_CALIBRATION = "group_calibration"
    GROUP_RECALL = "group_recall"


class Objection(msgspec.Struct, frozen=True):
    """Why a model may not be shown: what was found, and the limit it misses.

    :param kind: of the courses that it is about; empty where there is one kind only
    """

    refusal: GateRefusal
    found: float
    limit: float
    about: str = ""
    kind: str = ""

    def sentence(self) -> str:
        """For the card."""
        words = _WORDS[self.refusal].format(found=self.found, limit=self.limit, about=self.about)
        return f"{_KINDS[self.kind]} {words}" if self.kind else words


_WORDS = {
    GateRefusal.NO_BETTER_THAN_RULE: "Its AUC is {found:+.3f} against the rule's; it must be at least {limit:+.3f}.",
    GateRefusal.NO_BETTER_THAN_CHAMPION: (
        "Its AUC is no better than the champion's: the interval of the difference begins at {found:+.3f}."
    ),
    GateRefusal.BADLY_CALIBRATED: "Its calibration error is {found:.3f}; it may be {limit:.3f} at most.",
    GateRefusal.GROUP_CALIBRATION: "Its calibration differs by {found:.3f} by {about}; it may by {limit:.3f}.",
    GateRefusal.GROUP_RECALL: "The share of the lost it finds differs by {found:.2f} by {about}; limit {limit:.2f}.",
}


_KINDS = {"dated": "In courses with dates:", "self_paced": "In self-paced courses:"}


class Ruling(msgspec.Struct, frozen=True):
    """The outcome.

    :param gain: AUC above the rule's
    :param over_champion: AUC above the champion's; None if there is none
    """

    accepted: bool
    gain: FigureInterval
    over_champion: FigureInterval | None
    objections: list[Objection]


def judge_model(
    rows: pl.DataFrame,
    risk: NDArray[np.float64],
    champion: NDArray[np.float64] | None,
    groups: Sequence[PartQuality] = (),
    limits: GateLimits | None = None,
) -> Ruling:
    """Judge predictions for rows that the model has not learned from.

    :param champion: predictions of the model that is shown now, for the same rows
    """
    limits = limits or GateLimits()
    lost, rule = lost_of(rows), rows["rule"].to_numpy()
    gain = compare(lost, risk, rule)
    over = None if champion is None else compare(lost, risk, champion)
    found = [
        *_against_others(gain, over, limits),
        *_calibration(lost, risk, limits),
        *_groups(list(groups), limits),
    ]
    return Ruling(not found, gain, over, found)


def judge_kinds(
    rows: pl.DataFrame,
    risk: NDArray[np.float64],
    champion: NDArray[np.float64] | None,
    known: Collection[CourseKind] = tuple(CourseKind),
    groups: pl.DataFrame | None = None,
) -> Ruling:
    """The same for each kind of course by itself: what holds for one must not hide that it fails for the other.

    :param known: the kinds of which the model that is shown now speaks
    :param groups: ``student``, ``course`` and group attributes
    """
    kinds = kinds_of(rows)
    whole = judge_model(
        rows, risk, champion if set(kinds) <= set(known) else None, _divide(rows, risk, groups)
    )
    if len(kinds) < 2:
        return whole
    found = list[Objection]()
    for kind in kinds:
        here = of_kind(rows, kind).to_numpy()
        before = champion[here] if champion is not None and kind in known else None
        part = rows.filter(here)
        own = judge_model(part, risk[here], before, _divide(part, risk[here], groups))
        found += [msgspec.structs.replace(each, kind=kind.value) for each in own.objections]
    return Ruling(not found, whole.gain, whole.over_champion, found)


def _divide(
    rows: pl.DataFrame, risk: NDArray[np.float64], groups: pl.DataFrame | None
) -> Sequence[PartQuality]:
    return () if groups is None else by_group(rows, risk, groups)


def _against_others(
    gain: FigureInterval, over: FigureInterval | None, limits: GateLimits
) -> Iterator[Objection]:
    if not gain.value >= limits.gain:
        yield Objection(GateRefusal.NO_BETTER_THAN_RULE, gain.value, limits.gain)
    if over is not None and not over.low > 0:
        yield Objection(GateRefusal.NO_BETTER_THAN_CHAMPION, over.low, 0.0)


def _calibration(
    lost: NDArray[np.float64], risk: NDArray[np.float64], limits: GateLimits
) -> Iterator[Objection]:
    found = ece(lost, risk)
    if not found <= limits.ece:
        yield Objection(GateRefusal.BADLY_CALIBRATED, found, limits.ece)


def _groups(groups: list[PartQuality], limits: GateLimits) -> Iterator[Objection]:
    for about, (calibration, recall) in gaps(groups).items():
        if calibration > limits.group_ece:
            yield Objection(GateRefusal.GROUP_CALIBRATION, calibration, limits.group_ece, about)
        if recall > limits.group_recall:
            yield Objection(GateRefusal.GROUP_RECALL, recall, limits.group_recall, about)
