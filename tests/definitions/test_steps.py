"""Reasons of the risk rule as advice: the weightiest first, each once."""

from __future__ import annotations

from coursepulse.definitions.risk import Cause, Points
from coursepulse.definitions.steps import Advice, advise


def test_the_weightiest_reason_comes_first() -> None:
    reasons = [Points(Cause.LOW_COVERAGE, 10), Points(Cause.INACTIVE, 30), Points(Cause.MISSED_DUE, 20)]
    assert advise(reasons) == [Advice.COME_BACK, Advice.CATCH_UP, Advice.WATCH_REST]


def test_two_reasons_for_one_advice_give_it_once() -> None:
    assert advise([Points(Cause.LOW_SCORES, 15), Points(Cause.FALLING_SCORES, 10)]) == [Advice.PRACTISE]


def test_scores_that_are_fair_need_no_advice() -> None:
    assert advise([Points(Cause.FAIR_SCORES, 9), Points(Cause.NO_RESULT, 10)]) == []


def test_no_reason_no_advice() -> None:
    assert advise([]) == []


def test_who_has_not_begun_is_not_sent_to_the_next_lesson() -> None:
    reasons = [Points(Cause.NEVER_ACTIVE, 20), Points(Cause.BEHIND_COHORT, 10), Points(Cause.MISSED_DUE, 40)]
    assert advise(reasons) == [Advice.CATCH_UP, Advice.BEGIN]
