"""What managers see of the teams they lead: real stores, asked through the metrics."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.audit.port import Search
from coursepulse.campus.consents import ConsentRow
from coursepulse.campus.organisations import Organisation, Team
from coursepulse.campus.people import Person
from coursepulse.kit.clock import SECOND
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import to_text
from coursepulse.metrics.catalog import METRICS as CATALOG
from coursepulse.metrics.catalog import NAMING_METRICS
from coursepulse.metrics.metric import Scope
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from tests.access.faculty import Faculty
from tests.metrics.small_course import ANN, BEN, COURSE, DEE

KEY = Viewer(role=Role.SERVICE, subject="key:lms", scopes=frozenset({"read"}))
METRICS = ("team_summary", "team_members")


@pytest.fixture
def company(faculty: Faculty) -> Faculty:
    """Tom leads sales and not legal, both of acme; Ann and Ben sell, Dee is a lawyer and sells."""
    faculty.roster.put_organisations([Organisation(organisation_id=each) for each in ("acme", "globex")])
    move(faculty, "acme")
    faculty.roster.put_teams(
        [
            Team(
                team_id="sales",
                organisation_id="acme",
                managers=("tom",),
                members=("ann", "ben", "cy", "dee"),
            ),
            Team(team_id="legal", organisation_id="acme", managers=("eve",), members=("dee",)),
        ]
    )
    return faculty


def move(faculty: Faculty, organisation: str) -> None:
    faculty.roster.put_people([Person(external_id="tom", organisation_id=organisation)])


def share(faculty: Faculty, who: str, day: int = 1, *, granted: bool = True) -> None:
    at = datetime(2026, 3, day, tzinfo=UTC)
    row = ConsentRow(external_id=who, purpose="employer_sharing", granted=granted, at=at)
    faculty.roster.put_consents([row])


def ask(company: Faculty, viewer: Viewer, metric: str, team: str = "sales", *, export: bool = False) -> Table:
    return company.world.metrics.run(Query(metric=metric, team=team), viewer, export=export)


def refusal(*question: Any, **wish: Any) -> tuple[str, int, str]:
    with pytest.raises(RequestError) as caught:
        ask(*question, **wish)
    return caught.value.code, caught.value.status, str(caught.value)


def listed(company: Faculty, viewer: Viewer, team: str = "sales") -> set[bytes]:
    return {row["student_id"].bytes for row in ask(company, viewer, "team_members", team).records()}


def last_entry(company: Faculty) -> tuple[str, str, str, str]:
    entry = company.world.trail.find(Search(tag="metrics:team"), 1)[0].entry
    return entry.tag, entry.subject, entry.purpose, entry.detail


FORBIDDEN = ("forbidden", 403, "You may not see this.")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("team", ["legal", "nobody", ""])
def test_another_team_and_one_that_there_is_not_are_answered_alike(
    company: Faculty, metric: str, team: str
) -> None:
    manager = company.tied(Role.MANAGER)
    assert ask(company, manager, metric).metric == metric
    assert refusal(company, manager, metric, team) == FORBIDDEN


@pytest.mark.parametrize("metric", METRICS)
def test_a_manager_of_another_organisation_sees_nothing_of_the_team(company: Faculty, metric: str) -> None:
    share(company, "ann")
    move(company, "globex")
    manager = company.tied(Role.MANAGER)
    assert manager.team_ids == {"sales"}
    assert refusal(company, manager, metric) == FORBIDDEN
    assert last_entry(company)[3].endswith("reason=other_organisation")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("role", [Role.STUDENT, Role.INSTRUCTOR, Role.AUDITOR])
def test_nobody_else_sees_teams(company: Faculty, metric: str, role: Role) -> None:
    company.teach()
    assert refusal(company, company.tied(role), metric) == FORBIDDEN


@pytest.mark.parametrize("metric", METRICS)
def test_a_key_that_may_not_read(company: Faculty, metric: str) -> None:
    sender = Viewer(role=Role.SERVICE, subject="key:sends", scopes=frozenset({"ingest"}))
    assert refusal(company, sender, metric) == FORBIDDEN


def test_a_key_sees_every_team_and_every_member(company: Faculty) -> None:
    (row,) = ask(company, KEY, "team_summary", "legal").records()
    assert (row["members"], row["active_members"]) == (1, 0)
    assert len(listed(company, KEY)) == 4
    assert listed(company, KEY, "legal") == {DEE}
    assert ask(company, KEY, "team_members", export=True).total == 4


def test_an_admin_sees_totals_and_members_whose_record_is_open(company: Faculty) -> None:
    assert ask(company, company.tied(Role.ADMIN), "team_summary", "legal").small_group == 5
    share(company, "ann")
    assert listed(company, company.tied(Role.ADMIN)) == set()
    company.open(company.tied(Role.ADMIN), BEN)
    assert listed(company, company.tied(Role.ADMIN)) == {BEN}
    assert listed(company, company.tied(Role.ADMIN), "legal") == set()


def test_a_manager_sees_the_members_who_share_from_the_next_question_on(company: Faculty) -> None:
    manager = company.tied(Role.MANAGER)
    assert listed(company, manager) == set()
    share(company, "ann")
    share(company, "ben")
    assert listed(company, manager) == {ANN, BEN}
    assert ask(company, manager, "team_members").total == 2
    share(company, "ben", 2, granted=False)
    assert listed(company, manager) == {ANN}


def test_who_leaves_the_team_leaves_the_list(company: Faculty) -> None:
    share(company, "ann")
    company.roster.put_teams(
        [Team(team_id="sales", organisation_id="acme", managers=("tom",), members=("ben",))]
    )
    assert listed(company, company.tied(Role.MANAGER)) == set()


def test_a_small_team_is_hidden_from_its_manager(company: Faculty) -> None:
    table = ask(company, company.tied(Role.MANAGER), "team_summary")
    (row,) = table.records()
    assert table.suppressed == table.previous_suppressed == (True,)
    assert {value for name, value in row.items() if name not in ("team_id", "team", "suppressed")} == {None}


@pytest.mark.parametrize("metric", METRICS)
def test_a_file_has_the_rows_that_the_screen_has(company: Faculty, metric: str) -> None:
    share(company, "ann")
    manager = company.tied(Role.MANAGER)
    shown, carried = (ask(company, manager, metric, export=export) for export in (False, True))
    assert shown.exportable
    assert carried.records() == shown.records()
    assert last_entry(company)[0] == "metrics:team:export"


ABOUT_ONE = [slug for slug, metric in CATALOG.items() if metric.scope is Scope.STUDENT]


@pytest.mark.parametrize("metric", ABOUT_ONE)
@pytest.mark.parametrize("export", [False, True])
def test_of_a_member_who_shares_what_the_consent_names(company: Faculty, metric: str, export: bool) -> None:
    named = {"student_summary", "student_courses", "student_assessments"}
    named |= {"student_certificates", "student_skills"}
    share(company, "ann")
    for course in ("", COURSE):
        query = Query(metric=metric, student=ANN, course=course)
        if metric in named:
            assert company.world.metrics.run(query, company.tied(Role.MANAGER), export=export).exportable
            continue
        with pytest.raises(RequestError) as refused:
            company.world.metrics.run(query, company.tied(Role.MANAGER), export=export)
        assert refused.value.code == "forbidden"


def test_the_trail_says_which_team_and_not_whom(company: Faculty) -> None:
    share(company, "ann")
    for metric in METRICS:
        ask(company, company.tied(Role.MANAGER), metric)
        days = "days=2026-02-10..2026-03-10"
        assert last_entry(company) == ("metrics:team:read", "sales", "Leads the team.", f"{metric} {days}")
    refusal(company, company.tied(Role.MANAGER), "team_summary", "legal")
    said = ("metrics:team:refused", "legal", "", "team_summary reason=not_managed")
    assert last_entry(company) == said


def looks(company: Faculty, student: bytes) -> list[tuple[str, str, str]]:
    """The lists of this moment that a student is told of."""
    found = [each.entry for each in company.world.trail.accesses(to_text(student), NAMING_METRICS, 500)]
    now = company.world.now
    return [(each.role, each.subject, each.detail.partition(" ")[0]) for each in found if each.at == now]


def test_who_was_shown_to_the_manager_reads_so(company: Faculty) -> None:
    company.world.now += 7 * SECOND
    share(company, "ann")
    for metric in METRICS:
        ask(company, company.tied(Role.MANAGER), metric)
    ask(company, KEY, "team_members", "legal")
    assert looks(company, ANN) == [("manager", "sales", "team_members")]
    assert looks(company, BEN) == []
    assert looks(company, DEE) == [("service", "legal", "team_members")]
    share(company, "ben", 10)
    assert looks(company, BEN) == [], "shown from then on, and not before"
