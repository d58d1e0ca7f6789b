"""Small groups: what is hidden, what is rounded, and an attacker who may ask whatever a bound viewer may ask.

The attacker is a strong one: of two answers they know everything about everybody except what one student adds
to the first and not to the second. They know every rule, and not the secret.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import permutations
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.privacy.small_groups import (
    FUZZ,
    SPANS,
    Group,
    GroupQuestion,
    GroupValue,
    SmallGroups,
    ValueKind,
    align_period,
    is_bound,
    mean_grid,
)

N = 5
FIRST = date(1970, 1, 1)
TODAY = date(2026, 3, 11)  # a Wednesday
GROUPS = SmallGroups(N, b"the secret of the tests")
WORTH = 10

CLASS = Group(
    of=("course_id",),
    by=("course_id",),
    adds=True,
    figures=(
        GroupValue("active", ValueKind.PEOPLE, "active"),
        GroupValue("clicks", ValueKind.SUM, "active", worth=WORTH, grows=True),
        GroupValue("scored", ValueKind.PEOPLE, "scored"),
        GroupValue("score", ValueKind.MEAN, "scored"),
    ),
)


class Learner(NamedTuple):
    """Which courses, on which days before today how many clicks, and what score."""

    courses: frozenset[str]
    clicks: dict[int, int]
    score: int


class Statement(NamedTuple):
    """One published row, with what it was made of."""

    days: int
    answer: dict[str, Any]
    clicks: dict[int, int]
    scores: dict[int, int]


World = list[Learner]

learners = st.builds(
    Learner,
    st.frozensets(st.sampled_from(["a", "b"]), min_size=1),
    st.dictionaries(st.sampled_from([1, 3, 10, 20, 50]), st.integers(1, 60), max_size=2),
    st.integers(0, 100),
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Most learners alike in what matters for differences: in both courses, at work in the last week."""
    busy = [Learner(frozenset("ab"), {1: 7 + n % 5}, 40 + n) for n in range(draw(st.integers(0, 14)))]
    return busy + draw(st.lists(learners, max_size=4))


def publish(world: World, groups: SmallGroups | None) -> Iterator[Statement]:
    """Every row that may be asked for: both courses and the platform, in each span."""
    for span in (7, 28, 90):
        question = GroupQuestion((), TODAY - timedelta(days=span), TODAY)
        made = {name: _made(world, span, name) for name in "ab"}
        rows = [_row(name, *made[name]) for name in made]
        for answer in groups.cover(rows, CLASS, question) if groups else rows:
            yield Statement(span, answer, *made[answer["course_id"]])
        everybody = _made(world, span, "")
        total = [_row("", *everybody)]
        answers = groups.cover(total, CLASS._replace(adds=False), question) if groups else total
        yield Statement(span, answers[0], *everybody)


def _made(world: World, span: int, course: str) -> tuple[dict[int, int], dict[int, int]]:
    members = [(n, one) for n, one in enumerate(world) if not course or course in one.courses]
    clicks = {n: sum(c for day, c in one.clicks.items() if day <= span) for n, one in members}
    return {n: count for n, count in clicks.items() if count}, {n: one.score for n, one in members}


def _row(course: str, clicks: dict[int, int], scores: dict[int, int]) -> dict[str, Any]:
    mean = sum(scores.values()) / len(scores) if scores else None
    row = {"course_id": course, "active": len(clicks), "clicks": sum(clicks.values())}
    row |= {"unseen": len(scores)}
    return row | {"score": mean, "scored": len(scores)}


def one_apart(more: dict[int, int], less: dict[int, int]) -> bool:
    """Whether the first has all of the second, and of one student more."""
    apart = [n for n in more | less if more.get(n, 0) != less.get(n, 0)]
    return len(apart) == 1 and more.get(apart[0], 0) > less.get(apart[0], 0)


def leaks(world: World, groups: SmallGroups | None) -> Iterator[str]:
    """What the attacker can tell about one student from any two answers; None for no rules at all."""
    for one, other in permutations(publish(world, groups), 2):
        if one_apart(one.clicks, other.clicks):
            if not _may_be(one, other, groups):
                yield "whether the student was there"
            if _width(one, other, groups) < N * WORTH:
                yield "how much the student did"
        if one_apart(one.scores, other.scores) and len(one.scores) == len(other.scores) + 1:
            yield from _score_leak(one, other, groups)


def _may_be(more: Statement, less: Statement, groups: SmallGroups | None) -> bool:
    """Whether the student may be among the first and may as well not be."""
    first, second = _people(more, groups), _people(less, groups)
    return first[0] - second[1] <= 0 and first[1] - second[0] >= 1


def _people(one: Statement, groups: SmallGroups | None) -> tuple[float, float]:
    """How many there may be behind what is shown of them."""
    shown = one.answer["active"]
    if groups is None:
        return shown or 0, shown or 0
    if shown is None:  # for how many there are in the class, or for the sake of another class
        return 0, math.inf
    if not shown:
        return 0, N + FUZZ - 2
    grid = groups._grid
    return max(N, shown - grid + 1), shown + grid - 1


def _width(one: Statement, other: Statement, groups: SmallGroups | None) -> float:
    """How wide the interval is in which the student's clicks must lie."""
    if groups is None:
        return 0
    if not one.answer["active"] or not other.answer["active"]:
        return math.inf
    reach = sum(groups._grid * WORTH * (2 if each.days <= 7 else 8) for each in (one, other))
    difference = one.answer["clicks"] - other.answer["clicks"]
    return float(difference + reach - max(0, difference - reach))


def _score_leak(one: Statement, other: Statement, groups: SmallGroups | None) -> Iterator[str]:
    shown, before = one.answer["score"], other.answer["score"]
    if shown is None or before is None:
        return
    more, less = len(one.scores), len(other.scores)
    grids = [mean_grid(each.answer["scored"]) if groups else 0 for each in (one, other)]
    centre, reach = more * shown - less * before, more * grids[0] + less * grids[1]
    if min(100, centre + reach) - max(0, centre - reach) < max(1, min(grids)):
        yield "the student's score"


class ThresholdOnly(SmallGroups):
    """What most products do: hide the small, show the rest as it is."""

    def __init__(self) -> None:
        super().__init__(N, b"the secret of the tests")
        self._grid = 1


@settings(max_examples=300)
@given(worlds(), st.binary(min_size=16, max_size=16))
def test_no_two_answers_give_one_student_away(world: World, secret: bytes) -> None:
    assert not set(leaks(world, SmallGroups(N, secret)))


@pytest.mark.parametrize("make", [lambda: None, ThresholdOnly], ids=["off", "threshold"])
@pytest.mark.parametrize("what", ["whether the student was there", "how much the student did"])
def test_the_attacker_wins_without_the_rules(make: Callable[[], SmallGroups | None], what: str) -> None:
    try:
        find(worlds(), lambda world: what in set(leaks(world, make())), settings=_SEARCH)
    except NoSuchExample:
        pytest.fail("this attacker finds nothing, whatever the rules")


_SEARCH = settings(
    max_examples=500,
    phases=[Phase.generate],
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)


def test_the_attacker_learns_scores_without_the_rules() -> None:
    find(
        worlds(),
        lambda world: "the student's score" in set(leaks(world, None)),
        settings=_SEARCH,
    )


def rows_of(*sizes: int) -> list[dict[str, Any]]:
    return [
        {"course_id": f"c{n:03}", "unseen": size, "active": size, "clicks": 11 * size}
        | {"score": 50.0, "scored": size}
        for n, size in enumerate(sizes)
    ]


ASKED = GroupQuestion((), TODAY - timedelta(days=28), TODAY)
sizes = st.lists(st.integers(0, 40), max_size=12)


@given(sizes)
def test_nothing_about_fewer_than_n(sizes: list[int]) -> None:
    for row, size in zip(GROUPS.cover(rows_of(*sizes), CLASS, ASKED), sizes, strict=True):
        values = [row[figure.column] for figure in CLASS.figures]
        if 0 < size < N:
            assert values == [None] * len(values)
        assert row["suppressed"] == (row["active"] is None)
        assert not row["active"] or row["active"] >= N


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40))
def test_what_they_did_never_hides_anything(size: int, active: int, scored: int) -> None:
    active, scored = min(size, active), min(size, scored)
    row = rows_of(size)[0] | {"active": active, "clicks": 11 * active, "scored": scored}
    (idle,) = GROUPS.cover([row | {"active": 0, "clicks": 0, "scored": 0, "score": None}], CLASS, ASKED)
    (seen,) = GROUPS.cover([row], CLASS, ASKED)
    assert seen["suppressed"] == idle["suppressed"]
    assert [seen[each] is None for each in ("active", "clicks", "scored")] == [idle["suppressed"]] * 3
    assert not seen["suppressed"] or {**seen, "unseen": 0} == {**idle, "unseen": 0}
    if scored < N:
        assert seen["score"] is None or not size


@given(sizes)
def test_what_is_hidden_cannot_be_had_by_subtraction(sizes: list[int]) -> None:
    covered = GROUPS.cover(rows_of(*sizes), CLASS, ASKED)
    hidden = [size for row, size in zip(covered, sizes, strict=True) if row["active"] is None]
    assert not hidden or len(hidden) == sum(map(bool, sizes)) or (len(hidden) >= 2 and sum(hidden) >= N)


def test_one_small_row_takes_the_next_smallest_along() -> None:
    covered = GROUPS.cover(rows_of(30, 3, 12, 40), CLASS, ASKED)
    assert [row["active"] is None for row in covered] == [False, True, True, False]
    apart = GROUPS.cover(rows_of(30, 3, 12, 40), CLASS._replace(adds=False), ASKED)
    assert [row["active"] is None for row in apart] == [False, True, False, False]


@given(sizes, st.randoms(use_true_random=False))
def test_asking_again_says_nothing_new(sizes: list[int], chance: Any) -> None:
    rows = rows_of(*sizes)
    first = GROUPS.cover(rows, CLASS, ASKED)
    chance.shuffle(rows)
    assert GROUPS.cover(rows, CLASS, ASKED) == first


@given(st.integers(1000, 100_000))
def test_large_numbers_stay_useful(people: int) -> None:
    row = {
        "course_id": "c",
        "unseen": people,
        "active": people,
        "clicks": 100 * people,
        "score": 63.4,
        "scored": people,
    }
    (seen,) = GROUPS.cover([row], CLASS, ASKED)
    assert abs(seen["active"] - people) < N
    assert abs(seen["clicks"] - 100 * people) < 0.01 * 100 * people
    assert abs(seen["score"] - 63.4) <= 1


def test_rounding_adds_up_to_the_truth() -> None:
    questions = [ASKED._replace(about=(str(n),)) for n in range(2000)]
    shown = [GROUPS.cover(rows_of(33), CLASS, question)[0]["active"] for question in questions]
    assert set(shown) == {30, 35}
    assert abs(sum(shown) / len(shown) - 33) < 0.2


def test_another_period_is_drawn_anew() -> None:
    answers = [
        GROUPS.cover(rows_of(33), CLASS, ASKED._replace(end=TODAY - timedelta(days=7 * n)))[0]["active"]
        for n in range(20)
    ]
    assert set(answers) == {30, 35}


@pytest.mark.parametrize(("days", "grid"), [(1, 1), (7, 2), (28, 8), (364, 8)])
def test_longer_periods_are_rounded_more_coarsely(days: int, grid: int) -> None:
    question = ASKED._replace(start=TODAY - timedelta(days=days))
    shown = [
        GROUPS.cover([rows_of(30)[0] | {"clicks": clicks}], CLASS, question)[0]["clicks"]
        for clicks in range(2000, 6000)
    ]
    assert {each % (grid * N * WORTH) for each in shown} == {0}
    assert len(set(shown)) >= 4000 // (grid * N * WORTH)


def test_a_part_of_a_row_is_a_group_of_its_own() -> None:
    group = Group(
        (
            GroupValue("learners", ValueKind.PEOPLE, "learners"),
            GroupValue("passed", ValueKind.PEOPLE, "passed"),
            GroupValue("passed_pct", ValueKind.RATIO, "passed", per="learners"),
            GroupValue("bins", ValueKind.PARTS, "learners"),
        ),
    )
    few = {"unseen": 40, "learners": 40, "passed": 2, "passed_pct": 5.0, "bins": [40, 2]}
    shown = {"unseen": 40, "learners": 40, "passed": 0, "passed_pct": 0, "bins": [40, 0], "suppressed": False}
    assert GROUPS.cover([few], group, ASKED) == [shown]
    (seen,) = GROUPS.cover([few | {"passed": 20, "bins": [20, 20]}], group, ASKED)
    assert seen == shown | {"passed": 20, "passed_pct": 50.0, "bins": [20, 20]}


def test_a_day_reads_the_same_in_every_period() -> None:
    group = CLASS._replace(by=("day",), dated=True)
    row = rows_of(33)[0] | {"day": date(2026, 3, 2)}
    answers = [GROUPS.cover([row], group, ASKED._replace(start=TODAY - timedelta(days=n))) for n in SPANS]
    assert all(answer == answers[0] for answer in answers)


days = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@given(days, st.integers(1, 2000))
def test_periods_are_few(start: date, length: int) -> None:
    first, last = align_period(start, start + timedelta(days=length), TODAY, FIRST)
    assert last <= TODAY
    assert (last - first).days in SPANS or first == FIRST
    assert last.weekday() == 0 or (last == TODAY and first != FIRST)


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (date(2026, 2, 12), date(2026, 3, 12), (date(2026, 2, 11), TODAY)),
        (date(2026, 3, 10), date(2026, 3, 11), (date(2026, 3, 4), TODAY)),
        (date(2026, 2, 3), date(2026, 2, 11), (date(2026, 1, 12), date(2026, 2, 9))),
        (FIRST, date(2026, 3, 12), (FIRST, date(2026, 3, 9))),
        (date(2020, 1, 1), date(2026, 3, 12), (FIRST, date(2026, 3, 9))),
        (FIRST, date(1970, 1, 2), (FIRST, date(1970, 1, 2))),
    ],
)
def test_a_period_becomes_the_nearest_that_may_be_asked(
    start: date, end: date, expected: tuple[date, date]
) -> None:
    assert align_period(start, end, TODAY, FIRST) == expected


@pytest.mark.parametrize(
    ("viewer", "bound"),
    [
        (Viewer(role=Role.ADMIN, subject="a"), True),
        (Viewer(role=Role.ADMIN, subject="a", opened=frozenset({b"s"})), True),
        (Viewer(role=Role.ADMIN, subject="a", opened=EVERYONE), False),
        (Viewer(role=Role.MANAGER, subject="a", team_ids=frozenset({"t"})), True),
        (Viewer(role=Role.STUDENT, subject="a", student_id=b"s"), True),
        (Viewer(role=Role.AUDITOR, subject="a"), True),
        (Viewer(role=Role.SERVICE, subject="a", scopes=frozenset({"read"})), False),
        (Viewer(role=Role.INSTRUCTOR, subject="a", course_ids=frozenset({"c"})), False),
        (Viewer(role=Role.INSTRUCTOR, subject="a", course_ids=frozenset({"d"})), True),
    ],
)
def test_who_is_bound(viewer: Viewer, bound: bool) -> None:
    assert is_bound(viewer, "c") is bound


def test_a_share_is_of_those_who_are_counted() -> None:
    """Twelve unseen members of whom few are done: they are left out above and below the line."""
    group = Group(
        figures=(
            GroupValue("assigned", ValueKind.PEOPLE, "assigned", to_date=True, standing=True),
            GroupValue("done", ValueKind.PEOPLE, "done", to_date=True),
            GroupValue("done_pct", ValueKind.RATIO, "done", per="assigned"),
        )
    )
    seen = {"assigned": 18, "done": 14, "done_pct": 77.8}

    def share(done: int, known: dict[str, float]) -> float:
        rest = {"unseen": 12, "assigned": 12, "done": done, "done_pct": 0}
        (row,) = GROUPS.cover([rest], group, ASKED, known)
        shown: float = row["done_pct"]
        return shown

    assert share(0, seen) == share(3, seen) == pytest.approx(100 * 14 / 18)
    assert share(12, seen) == pytest.approx(100 * (14 + 10) / 30, abs=20)
    assert share(3, {}) == 0
