"""The list of metrics hangs together: with its queries, with the definitions, and with itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from coursepulse.aggregates.live import LIVE_QUERIES
from coursepulse.kit.errors import RequestError
from coursepulse.kit.sql import Queries
from coursepulse.metrics.catalog import METRICS, find_metric
from coursepulse.metrics.evidence.proof import Proof, Same
from coursepulse.metrics.metric import Metric, Param, Reach, Source, Suppression, Unit
from coursepulse.metrics.readers import ROLLUP_QUERIES, CampusReader
from coursepulse.metrics.reference import write_reference

#: Of what goes on now, PostgreSQL knows who is stuck; of students it knows what they have decided and hold.
OF_STUDENTS = {"stuck_now", "own_goals", "own_certificates", "own_skill_work", "own_needs", "known_changes"}
OF_STUDENTS |= {"skill_lessons"}

TEAM_QUERIES = Queries("coursepulse.store.postgres.queries")

#: What the parts of the system remember of themselves.
SYSTEM = {
    "pulse",
    "pulse_minutes",
    "dead_letters",
    "query_times",
    "storage",
    "job_runs",
    "privacy_requests",
    "risk_models",
}

DOCS = Path(__file__).parents[2] / "docs/reference"


def each_metric() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("metric", METRICS.values(), ids=METRICS)


def _queries(metric: Metric) -> Mapping[str, str]:
    if metric.source is Source.MEMORY:
        return {metric.slug: ""}
    if metric.source is Source.LIVE:
        return {**ROLLUP_QUERIES, **CampusReader.queries, **dict.fromkeys(LIVE_QUERIES, "")}
    if metric.source is Source.ROSTER:
        return {name: TEAM_QUERIES[f"teams_{name}"] for name in metric.roster}
    if metric.source is Source.POSTGRES:
        return CampusReader.queries
    return {**ROLLUP_QUERIES, **CampusReader.queries}


@each_metric()
def test_its_queries_exist(metric: Metric) -> None:
    assert set(metric.queries) <= _queries(metric).keys()


def test_what_it_reads_of_the_roster_exists_and_all_of_that_is_read() -> None:
    told = {name.removeprefix("teams_") for name in TEAM_QUERIES if name.startswith("teams_")}
    assert told == {name for metric in METRICS.values() for name in metric.roster}


@each_metric()
def test_its_columns_differ_and_are_described(metric: Metric) -> None:
    assert len(set(metric.names)) == len(metric.names)
    assert all(column.title and column.description for column in metric.columns)


@each_metric()
def test_its_definition_is_a_heading(metric: Metric) -> None:
    headings = [
        line.lstrip("# ") for line in (DOCS / "definitions.md").read_text().splitlines() if line[:2] == "##"
    ]
    assert metric.section in headings


def test_the_documentation_is_up_to_date() -> None:
    assert (DOCS / "metrics.md").read_text().endswith(f"\n\n{write_reference()}")


@each_metric()
def test_what_is_read_in_pages_has_an_order(metric: Metric) -> None:
    assert (Param.SORT in metric.takes) == bool(metric.order)
    assert not metric.order or metric.order.removeprefix("-") in metric.names


@each_metric()
def test_titles_and_names_have_a_source(metric: Metric) -> None:
    assert ("title" in metric.names) == bool(metric.titled)
    assert ("name" in metric.names and Unit.ID in {c.unit for c in metric.columns}) == metric.named


@each_metric()
def test_what_it_declares_is_what_its_queries_ask_for(metric: Metric) -> None:
    text = "".join(_queries(metric)[name] for name in metric.queries)
    assert metric.judged == ("{over:" in text)
    assert metric.compares_with_class == ("cohort_rows" in metric.queries)
    assert metric.present == ("class_rows" in metric.queries)
    assert not metric.comparable or "{periods:" in text
    assert (metric.reach is Reach.PRESENTATIONS) == ("{presentations:" in text)
    assert not metric.members or metric.members in metric.queries


@each_metric()
def test_its_declarations_go_together(metric: Metric) -> None:
    paged = Param.SORT in metric.takes
    assert not (paged and metric.comparable), "a page is cut out of one period"
    assert paged or not metric.detail
    assert paged or metric.group or not metric.frame, (
        "a list of people is cut into pages, a sum over them is not"
    )
    assert not (metric.frame and metric.finish)
    assert metric.personal or metric.group is None
    assert not metric.members or metric.suppression is Suppression.REST


def test_each_metric_has_the_suppression_that_fits_its_rows() -> None:
    kept: dict[Suppression, set[str]] = {strategy: set() for strategy in Suppression}
    for metric in METRICS.values():
        kept[metric.suppression].add(metric.slug)
    of_courses = {"course_students", "course_not_agreed", "course_participation"}
    of_courses |= {"course_engagement", "course_risk", "course_now", "course_open_work", "course_waiting"}
    of_courses |= {"course_predictions", "course_learner_mastery", "course_message_waits"}
    assert kept[Suppression.PEOPLE] == of_courses | {
        "team_members",
        "team_training_members",
        "team_certificate_members",
        "team_attention_members",
        "team_skill_members",
    }
    assert kept[Suppression.REST] == {
        "team_summary",
        "team_weeks",
        "team_training",
        "team_certificates",
        "team_attention",
        "team_skills",
    }
    assert {slug for slug in kept[Suppression.NONE] if not METRICS[slug].about_one} == {
        *SYSTEM,
        "pipeline",
        "quality_refusals",
        "quality_senders",
        "revenue",
        "revenue_by_currency",
        "team_budgets",
    }
    assert kept[Suppression.BOARD] == {"course_leaderboard", "team_leaderboard"}


def read_for_evidence(metric: Metric) -> Iterator[str]:
    """The queries that explain the numbers of a metric."""
    for proof in metric.evidence.values():
        if isinstance(proof, Proof):
            yield from (*proof.reads, *(proof.opens.reads if proof.opens else ()))


@each_metric()
def test_each_of_its_numbers_is_explained_or_it_is_said_why_not(metric: Metric) -> None:
    numbers = {column.name for column in metric.columns if column.unit.counts}
    assert {name for name in numbers if metric.evidence_of(name) is None} == set()
    assert metric.evidence.keys() - {""} <= numbers


@each_metric()
def test_what_is_explained_elsewhere_is_explained_there(metric: Metric) -> None:
    for column, same in metric.evidence.items():
        if isinstance(same, Same):
            assert isinstance(METRICS[same.metric].evidence_of(same.column or column), Proof)


def test_every_query_is_read_by_something() -> None:
    helpers = {
        "classmates_of",
        "find_courses",
        "find_all_courses",
        "find_beside",
        "find_enrolled",
        "find_left",
        "find_course",
        "find_student",
        "first_day",
        "first_day_of_student",
        "group_sizes",
        "leaderboard_class",
    }
    profile = {f"profile_{part}" for part in ("days", "courses", "answers", "students", "left")}
    read = {name for metric in METRICS.values() for name in (*metric.queries, *read_for_evidence(metric))}
    read |= {metric.without_consent for metric in METRICS.values()} - {""}
    remembered = {metric.slug for metric in METRICS.values() if metric.source is Source.MEMORY}
    assert remembered == SYSTEM
    roster = {
        name for metric in METRICS.values() if metric.source is Source.ROSTER for name in metric.queries
    }
    kept = {
        name for metric in METRICS.values() if metric.source is Source.POSTGRES for name in metric.queries
    }
    assert kept >= {"pipeline", "sender_counts"}
    elsewhere = remembered | roster | kept | LIVE_QUERIES.keys() | OF_STUDENTS
    assert ROLLUP_QUERIES.keys() - {"pipeline"} == (read | helpers | profile) - elsewhere


def test_an_unknown_metric_has_a_stable_code() -> None:
    with pytest.raises(RequestError) as caught:
        find_metric("no_such_metric")
    assert (caught.value.code, caught.value.status) == ("unknown_metric", 404)
