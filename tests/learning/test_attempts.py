from __future__ import annotations

from coursepulse.learning.attempts import Attempt, Result, keep_first, keep_last


def test_an_attempt_began_with_its_first_event() -> None:
    later, first, other = Attempt("q1", 1, 9), Attempt("q1", 1, 3), Attempt("q1", 2, 5)
    assert keep_first([later, other, first]) == (first, other)


def test_last_result_wins_even_without_a_score() -> None:
    scored = Result("q1", 1, 3, b"a", 80.0, True)
    emptied = Result("q1", 1, 3, b"b", None, None)
    assert keep_last([emptied, scored]) == (emptied,)
