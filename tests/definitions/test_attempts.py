from __future__ import annotations

from itertools import permutations

from coursepulse.events.payloads import REGRADE
from tests.reference.attempts import Attempt, Result, keep_first, keep_last


def test_an_attempt_began_with_its_first_event() -> None:
    later, first, other = Attempt("q1", 1, 9), Attempt("q1", 1, 3), Attempt("q1", 2, 5)
    assert keep_first([later, other, first]) == (first, other)


def test_a_result_without_a_score_takes_none_back() -> None:
    scored = Result("q1", 1, 3, b"b", 80.0, True)
    silent = Result("q1", 1, 4, b"a", None, None)
    failed = Result("q1", 1, 5, b"c", None, False)
    assert keep_last([silent, scored]) == (scored,)
    assert keep_last([failed, silent, scored]) == (scored._replace(passed=False),)
    assert keep_last([failed, silent]) == (failed,)
    again = Result("q1", 1, 6, b"d", 70.0, None)
    assert keep_last([again, failed, scored]) == (again,), "a score replaces the word before it"


def test_of_one_moment_the_better_result_wins_whatever_its_id() -> None:
    outcomes = [(None, None), (0.0, None), (0.0, False), (0.0, True), (80.0, False)]
    ids = [bytes([number]) for number in (5, 4, 3, 2, 1)]
    results = [Result("q1", 1, 3, number, *each) for number, each in zip(ids, outcomes, strict=True)]
    for first in range(1, len(results) + 1):
        assert keep_last(results[:first]) == (results[first - 1],)


def test_a_regrade_stands_for_every_attempt_before_it_in_any_order() -> None:
    first, second = Result("q1", 1, 3, b"a", 80.0, True), Result("q1", 2, 4, b"b", 90.0, None)
    regrade = Result("q1", REGRADE, 5, b"c", 40.0, None)
    nothing = Result("q1", REGRADE, 6, b"d", None, None)
    later, other = Result("q1", 2, 7, b"e", None, True), Result("q2", 1, 3, b"f", 70.0, None)
    for told in permutations([first, second, regrade, other]):
        assert keep_last(told) == (regrade, other)
    for told in permutations([second, regrade, nothing, later, other]):
        assert keep_last(told) == (nothing, later, other), (
            "no score replaces one, and what follows stands alone"
        )


def test_a_regrade_comes_after_the_result_of_its_moment() -> None:
    same = Result("q1", 1, 5, b"z", 90.0, None)
    regrade = Result("q1", REGRADE, 5, b"c", 40.0, None)
    assert keep_last([same, regrade]) == (regrade,)
