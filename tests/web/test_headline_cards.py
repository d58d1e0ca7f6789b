"""Headline numbers: which part of a class they are about, and what they are compared with."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.period import Period
from coursepulse.dashboards.reader import CardSubject, MetricReader, Record
from coursepulse.dashboards.views.figures import change_of, why_alone
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from coursepulse.privacy.small_groups import SUPPRESSED

PERIOD = Period(date(2026, 3, 1), date(2026, 3, 7))
NOW = {"learners_enrolled": 10, "learners_agreed": 4, "active_learners": 2, "time_spent": 60.0}
BEFORE = {"learners_enrolled": 10, "learners_agreed": 4, "active_learners": 1, "time_spent": 0.0}


class Told:
    """Answers every question with the same two rows."""

    def __init__(
        self,
        now: dict[str, Any],
        before: dict[str, Any],
        *,
        reaches_back: bool,
        whole: dict[str, Any] | None = None,
    ) -> None:
        self._rows, self._back, self._whole = (now, before), reaches_back, whole

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        now, before = (tuple(row.values()) for row in self._rows)
        days = query.metric.endswith("daily")
        return Table(
            metric=query.metric,
            columns=tuple(self._rows[0]),
            rows=() if days else (now,),
            start=PERIOD.start,
            end=PERIOD.after,
            latest_data_at=None,
            definition_version="v2",
            previous=None if days else (before,),
            whole=(tuple(self._whole.values()),) if self._whole and not days else None,
            reaches_back=self._back,
        )


def figures(slug: str, told: Told) -> dict[str, Record]:
    card = all_cards()[slug]
    viewer = Viewer(role=Role.ADMIN, subject="admin")
    reader = MetricReader(told, viewer, CardSubject("c1", bytes(16)), PERIOD)
    return {figure["name"]: figure for figure in card.view.read(card, reader)}


def test_the_active_share_is_of_those_who_can_be_seen_active() -> None:
    share = figures("course_headline", Told(NOW, BEFORE, reaches_back=True))["active_pct"]
    assert (share["value"], share["before"]) == (50, 25)


def test_nobody_who_agreed_makes_no_share() -> None:
    nobody = NOW | {"learners_agreed": 0, "active_learners": 0}
    assert figures("course_headline", Told(nobody, BEFORE, reaches_back=True))["active_pct"]["value"] is None


@pytest.mark.parametrize("card", ["course_headline", "student_headline"])
def test_a_period_before_the_first_data_is_nothing_to_compare_with(card: str) -> None:
    now, before = NOW | {"time_spent": 0.0, "streak_days": 0}, BEFORE | {"streak_days": 0}
    compared = figures(card, Told(now, before, reaches_back=True))["time_spent"]
    assert (why_alone(compared), change_of(compared, 7) is None) == ("", False)
    alone = figures(card, Told(now, before, reaches_back=False))["time_spent"]
    assert (why_alone(alone), change_of(alone, 7)) == ("Nothing to compare with yet", None)
    assert not any(
        why_alone(f)
        for f in figures(card, Told(now, before, reaches_back=False)).values()
        if not f["compared"]
    )


def test_a_period_before_that_is_hidden_is_not_said_to_be_missing() -> None:
    hidden = BEFORE | {"time_spent": None, SUPPRESSED: True}
    alone = figures("course_headline", Told(NOW | {SUPPRESSED: False}, hidden, reaches_back=True))[
        "time_spent"
    ]
    assert (why_alone(alone), change_of(alone, 7)) == ("The period before is hidden: too few people", None)


def test_what_only_grows_says_what_it_was_and_is_not_compared() -> None:
    now, before = NOW | {"completion_pct": 25.0}, BEFORE | {"completion_pct": 10.0}
    completion = figures("course_headline", Told(now, before, reaches_back=True))["completion_pct"]
    assert (completion["value"], completion["before"], completion["compared"]) == (25.0, 10.0, False)


def test_a_streak_has_no_period_before() -> None:
    now, before = NOW | {"streak_days": 3}, BEFORE | {"streak_days": 2}
    streak = figures("student_headline", Told(now, before, reaches_back=True))["streak_days"]
    assert (streak["value"], streak["before"], streak["compared"]) == (3, None, False)


def test_whole_days_are_compared_and_what_is_shown_has_today_in_it() -> None:
    told = Told(NOW | {"time_spent": 90.0}, NOW, reaches_back=True, whole=NOW)
    time = figures("course_headline", told)["time_spent"]
    assert (time["value"], time["whole"], time["before"]) == (90, 60, 60)
    change = change_of(time, PERIOD.days)
    assert change is not None
    assert change.words == f"Without today, the same as in the {PERIOD.days - 1} days before"
