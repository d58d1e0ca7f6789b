"""What a page says first where nothing has begun: who has what to do next, and where."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import httpx
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.privacy.consent import Purpose
from coursepulse.web.dashboards.beginnings import find_steps
from coursepulse.web.dashboards.shown import CardRequest, ShownCard, begin
from tests.support.browsing import sign_in
from tests.support.pages import study
from tests.support.server import Platform, wait_until

PASSWORD = "a password of the tests"
EMPTY, LISTED, STARTED = "begin-empty", "begin-listed", "begin-started"
SUE, TOM, MEG, MAX = "begin-sue", "begin-tom", "begin-meg", "begin-max"


@pytest.fixture(scope="module")
def look(running_server: Platform) -> Iterator[Callable[[str, str], str]]:
    """The page that somebody sees at an address: a new student, a teacher of three courses, and who have none."""
    http = running_server.http
    http.put("/v1/roster/organisations", json=[{"organisation_id": "begin"}]).raise_for_status()
    people = [{"external_id": who} for who in (SUE, TOM, MAX, "begin-ann")]
    people.append({"external_id": MEG, "organisation_id": "begin"})
    http.put("/v1/roster/people", json=people).raise_for_status()
    courses = [{"course_id": each, "title": each, "instructors": [TOM]} for each in (EMPTY, LISTED, STARTED)]
    http.put("/v1/roster/courses", json=courses).raise_for_status()
    enrolled = [{"external_id": "begin-ann", "course_id": each} for each in (LISTED, STARTED)]
    http.put("/v1/roster/enrolments", json=enrolled).raise_for_status()
    team = {"team_id": "begin-crew", "organisation_id": "begin", "managers": [MEG], "members": []}
    http.put("/v1/roster/teams", json=[team]).raise_for_status()
    running_server.agree("begin-ann")
    running_server.send(*study("begin-ann", 1, STARTED))
    running_server.settle()
    # What is known of a class follows the roster.
    wait_until(lambda: running_server.metric("course_summary", course=LISTED)[0]["learners_agreed"] == 1)
    with ExitStack() as stack:
        browsers = dict(_sign_all_in(running_server, stack))
        yield lambda who, path: browsers[who].get(path).raise_for_status().text


def _sign_all_in(server: Platform, stack: ExitStack) -> Iterator[tuple[str, httpx.Client]]:
    tied = {SUE: "student", TOM: "instructor", MEG: "manager", MAX: "instructor"}
    for name, role in {**tied, "begin-lone": "student"}.items():
        account = {"login_name": name, "role": role, "password": PASSWORD}
        account |= {"person": name, "reason": "A person of these tests."} if name in tied else {}
        server.http.post("/v1/accounts", json=account).raise_for_status()
        yield name, stack.enter_context(closing(sign_in(server.server.url, name, PASSWORD)))


@pytest.mark.parametrize(
    ("who", "path", "says", "leads"),
    [
        ("begin-lone", "/", "Give them your login name: begin-lone.", "/"),
        (SUE, "/", "Decide what may be recorded", "/privacy#purpose-analytics"),
        (MAX, "/", "Have a course list you as its teacher", "/notifications"),
        (TOM, f"/courses/{EMPTY}", "Have learners enrolled", f"/courses/{EMPTY}/alert-thresholds"),
        (TOM, f"/courses/{LISTED}", "Learners who agreed to learning analytics: 1.", "/docs"),
        (MEG, "/", "Have people put into this team", "/docs"),
    ],
)
def test_who_has_nothing_yet_is_told_what_to_do_and_where(
    look: Callable[[str, str], str], who: str, path: str, says: str, leads: str
) -> None:
    page = look(who, path)
    assert 'id="begin"' in page
    assert says in page
    assert leads in re.findall(r'class="do" href="([^"]+)"', page)
    assert 'class="empty"' not in page.partition('id="begin"')[2].partition("accesses")[0], (
        "no box of nothing"
    )


def test_a_page_with_something_to_show_shows_it(look: Callable[[str, str], str]) -> None:
    page = look(TOM, f"/courses/{STARTED}")
    assert 'id="begin"' not in page
    assert "card-course_headline" in page
    assert 'id="begin"' not in look(TOM, "/")


class Nobody:
    """Nobody agrees to anything."""

    def agrees(self, student: bytes, purpose: Purpose) -> bool:
        """No."""
        return bool(student and not purpose)


def shown_of(dashboard: Dashboard) -> list[ShownCard]:
    return [ShownCard(card=card, request=CardRequest(), days=28) for card in DASHBOARDS[dashboard]]


def test_an_administrator_begins_until_the_first_event_has_arrived() -> None:
    admin = Viewer(role=Role.ADMIN, subject="account:root")
    nothing = shown_of(Dashboard.PLATFORM)
    assert [step.href for step in find_steps(admin, CardRequest(), nothing, Nobody())] == [
        "/first-steps",
        "/admin/keys",
        "/admin/users",
    ]
    some = [ShownCard(card=each.card, request=each.request, days=28, as_of=1) for each in nothing]
    assert find_steps(admin, CardRequest(), some, Nobody()) == ()


def test_a_store_that_does_not_answer_is_no_beginning() -> None:
    broken = [
        ShownCard(card=each.card, request=each.request, days=28, trouble="x")
        for each in shown_of(Dashboard.PLATFORM)
    ]
    assert find_steps(Viewer(role=Role.ADMIN, subject="account:root"), CardRequest(), broken, Nobody()) == ()
    assert list(begin(broken).cards) == []
