"""What a learner could do next: the reasons of the risk rule turned into help."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from coursepulse.definitions.risk import Cause, Points

#: Suggestions of one list: more would be none.
MOST_STEPS = 4


class Advice(StrEnum):
    """What may be suggested."""

    COME_BACK = "come_back"
    BEGIN = "begin"
    CATCH_UP = "catch_up"
    PRACTISE = "practise"
    NEXT_LESSON = "next_lesson"
    WATCH_REST = "watch_rest"
    GO_ON = "go_on"


#: The advice for the reasons of the risk rule. Fair scores need none, and what to do about no result says what is due.
_ADVICE = {
    Cause.INACTIVE: Advice.COME_BACK,
    Cause.NEVER_ACTIVE: Advice.BEGIN,
    Cause.MISSED_DUE: Advice.CATCH_UP,
    Cause.LOW_SCORES: Advice.PRACTISE,
    Cause.FALLING_SCORES: Advice.PRACTISE,
    Cause.BEHIND_COHORT: Advice.NEXT_LESSON,
    Cause.LOW_COVERAGE: Advice.WATCH_REST,
}


def advise(reasons: Iterable[Points]) -> list[Advice]:
    """The advice for the reasons in one course, that for the weightiest first, each once.

    A learner who has not begun has no next lesson yet.
    """
    ordered = sorted(reasons, key=lambda reason: -reason.points)
    advice = list(dict.fromkeys(_ADVICE[reason.cause] for reason in ordered if reason.cause in _ADVICE))
    return [each for each in advice if each is not Advice.NEXT_LESSON] if Advice.BEGIN in advice else advice
