"""Every rule is whole: words, bounds, and a page that says what it does."""

from __future__ import annotations

from string import Formatter

import pytest

from coursepulse.alerts.catalog import RULES, rule_named
from coursepulse.alerts.rule import About, Audience, EventStreak, Rule
from coursepulse.dashboards.language import translate
from coursepulse.dashboards.text import has_words
from coursepulse.events.taxonomy import TYPES
from tests.docs.test_docs import page


@pytest.fixture(params=RULES, ids=lambda rule: rule.name)
def rule(request: pytest.FixtureRequest) -> Rule:
    found: Rule = request.param
    return found


def test_it_has_words(rule: Rule) -> None:
    wanted = [f"alert.{rule.name}.{part}" for part in ("title", "text", "clears")]
    wanted += [f"alert.threshold.{each.name}" for each in rule.thresholds]
    wanted += [f"alert.unit.{each.unit}" for each in rule.thresholds]
    assert [key for key in wanted if not has_words(key)] == []


def test_its_text_names_the_student_only_if_it_is_about_one(rule: Rule) -> None:
    named = {name for _, name, _, _ in Formatter().parse(translate(f"alert.{rule.name}.text")) if name}
    assert ("student" in named) == (rule.about is About.LEARNER)


def test_its_thresholds_lie_within_their_bounds(rule: Rule) -> None:
    for each in rule.thresholds:
        assert each.least <= each.default <= each.most, each.name
    assert len({each.name for each in rule.thresholds}) == len(rule.thresholds)


def test_it_is_for_somebody_who_may_see_it(rule: Rule) -> None:
    """What is about the platform is for administrators, what is about a course is not for managers."""
    assert rule.audience
    assert About.PLATFORM is not rule.about or rule.audience == (Audience.ADMINS,)
    assert About.COURSE is not rule.about or Audience.MANAGERS not in rule.audience


def test_a_streak_reads_known_events_and_counts_by_thresholds_it_has(rule: Rule) -> None:
    if isinstance(streak := rule.condition, EventStreak):
        assert streak.types <= set(TYPES)
        assert {streak.times, streak.within} <= {each.name for each in rule.thresholds}


def test_it_is_on_the_page_of_rules(rule: Rule) -> None:
    assert f"| [`{rule.name}`](#{rule.name}) |" in page("alerts.md")


def test_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert [rule_named(rule.name) for rule in RULES] == list(RULES)
    assert rule_named("nonsense") is None
