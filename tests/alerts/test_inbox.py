"""The alert inbox, as those who teach and lead use it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import httpx
import pytest

from coursepulse.access.viewer import Role
from coursepulse.alerts.alert import KeptAlert
from coursepulse.alerts.rule import Severity
from coursepulse.web.alerts.inbox import SNOOZES, AlertLine, InboxQuery, group_lines, rules_for
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.render import page
from tests.alerts.delivery.harness import NOW, learner_alert
from tests.support.browsing import sign_in, token_of
from tests.support.live import OpenPage, open_page
from tests.support.pages import COURSE, PASSWORD, Pages, pseudonym_of
from tests.support.server import Platform, wait_until

ANN, BEN, EVE = "inbox-ann", "inbox-ben", "inbox-eve"
ADDRESS = "ann&co@example.edu"
ELSEWHERE = "inbox-elsewhere"

UNKNOWN = "/alerts/00000000-0000-4000-8000-000000000000"


def submit(student: str, quiz: str, score: float, course: str = COURSE) -> dict[str, Any]:
    return {
        "event_id": str(uuid4()),
        "event_type": "quiz_submit",
        "timestamp": datetime.now(UTC).isoformat(),
        "student_id": student,
        "session_id": f"visit of {student}",
        "context": {"course_id": course, "assessment_id": quiz},
        "payload": {"score": score, "passed": score >= 50},
    }


def fail(sender: Platform, student: str, quiz: str, course: str = COURSE) -> None:
    sender.send(*(submit(student, quiz, 10, course) for _ in range(3)))


def rows_of(html: str) -> list[str]:
    """The alerts of a page, each as its text."""
    lines = re.findall(r'<li class="alert-line.*?</li>', html, re.DOTALL)
    return [" ".join(unescape(re.sub(r"<[^>]+>", " ", line)).split()) for line in lines]


def keys_of(html: str, about: str) -> list[str]:
    """The keys of the alerts whose text has these words."""
    lines = re.findall(r'<li class="alert-line.*?</li>', html, re.DOTALL)
    found = [line for line in lines if about in unescape(line)]
    return [key for line in found for key in re.findall(r'name="alert" value="([^"]+)"', line)]


def inbox(http: httpx.Client, **asked: str) -> str:
    answer = http.get("/alerts", params=asked, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text


def act(http: httpx.Client, do: str, keys: list[str], **more: str) -> httpx.Response:
    form = {"form_token": token_of(inbox(http)), "do": do, "alert": keys} | more
    return http.post("/alerts", data=form)


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    sender = pages.sender
    people = [
        {"external_id": ANN, "name": "Ann Inbox", "email": ADDRESS},
        {"external_id": BEN, "name": "Ben Inbox"},
        {"external_id": EVE, "name": "Eve Inbox", "email": "eve@example.edu"},
    ]
    sender.http.put("/v1/roster/people", json=people).raise_for_status()
    places = [(ANN, COURSE), (BEN, COURSE), (EVE, ELSEWHERE)]
    sender.http.put("/v1/roster/courses", json=[{"course_id": ELSEWHERE}]).raise_for_status()
    rows = [{"external_id": who, "course_id": course, "status": "active"} for who, course in places]
    sender.http.put("/v1/roster/enrolments", json=rows).raise_for_status()
    sender.agree(ANN, BEN, EVE)
    for who, course in places:
        fail(sender, who, "inbox-quiz", course)
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        wait_until(lambda: len(rows_of(inbox(http, rule="failed_submits"))) >= 2)
        yield http


def test_alerts_are_listed_with_their_reason_and_lead_to_the_student(
    pages: Pages, teacher: httpx.Client
) -> None:
    html = inbox(teacher)
    (ann,) = [row for row in rows_of(html) if "Ann Inbox" in row and "inbox-quiz" in row]
    assert ann.startswith("Warning Failed several times Ann Inbox has failed “inbox-quiz” 3 times in a row.")
    assert "raised" in ann
    assert not [row for row in rows_of(html) if "Eve" in row]
    link = re.search(r'href="(/courses/[^"]+/students/[^"]+)">Ann Inbox', html)
    assert link
    assert teacher.get(link[1], headers={"Accept": "text/html"}).status_code == 200


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"rule": "failed_submits"}, True),
        ({"rule": "rewound_passage"}, False),
        ({"severity": "warning"}, True),
        ({"severity": "urgent"}, False),
        ({"course": COURSE}, True),
        ({"course": ELSEWHERE}, False),
        ({"state": "all"}, True),
        ({"state": "cleared"}, False),
        ({"state": "snoozed"}, False),
    ],
)
def test_filters_narrow_the_list(teacher: httpx.Client, asked: dict[str, str], shown: bool) -> None:
    assert (
        any("Ann Inbox" in row and "inbox-quiz" in row for row in rows_of(inbox(teacher, **asked))) == shown
    )


def test_an_empty_list_says_whether_filters_made_it_so(teacher: httpx.Client) -> None:
    assert "No alert fits these filters." in inbox(teacher, rule="rewound_passage")
    assert "No alert is snoozed." in inbox(teacher, state="snoozed")


def test_only_kinds_that_may_be_shown_are_offered(pages: Pages, teacher: httpx.Client) -> None:
    offered = re.findall(r'<option value="(\w+)"', inbox(teacher))
    assert ("failed_submits" in offered, "store_down" in offered) == (True, False)
    assert '<option value="store_down"' in inbox(pages.admin)
    of_managers = {rule.name for rule in rules_for(Role.MANAGER)}
    assert of_managers == {"failed_submits", "inactive", "missed_due"}


@pytest.mark.parametrize(
    ("older", "after", "said"),
    [("", "", "2 alerts<"), ("x", "", "2 alerts on this page<"), ("", "x", "2 alerts on this page<")],
)
def test_a_page_that_is_one_of_several_does_not_count_all_there_are(
    older: str, after: str, said: str
) -> None:
    alert = KeptAlert(learner_alert("ann"), number=1)
    line = AlertLine("key", Severity.INFO, "Stuck", "Ann is stuck.", "Ann", "Algebra", "", alert)
    viewer = PageViewer(role=Role.INSTRUCTOR, subject="account:tina", name="tina", form_token="0")
    shown = page(
        "parts/alert_list.html",
        viewer=viewer,
        asked=InboxQuery(after=after),
        lines=[line, line],
        groups=group_lines([line, line]),
        older=older,
        snoozes=SNOOZES,
        now=NOW,
    )
    assert said in str(shown.content)


def test_alerts_stand_by_kind_and_course_the_newest_first_and_a_long_group_is_folded() -> None:
    alert = KeptAlert(learner_alert("ann"), number=1)

    def line(key: str, title: str, course: str) -> AlertLine:
        return AlertLine(key, Severity.INFO, title, "", "Ann", course, "", alert)

    lines = [line("a", "Stuck", "Logic"), *(line(str(n), "Stuck", "Algebra") for n in range(7))]
    lines.insert(2, line("b", "Silent", "Logic"))
    groups = group_lines(lines)
    assert [(each.title, each.course, each.size) for each in groups] == [
        ("Stuck", "Logic", 1),
        ("Stuck", "Algebra", 7),
        ("Silent", "Logic", 1),
    ]
    assert [[each.key for each in part] for part in (groups[1].first, groups[1].rest)] == [
        ["0", "1", "2", "3", "4"],
        ["5", "6"],
    ]


def test_the_filters_stay_after_something_was_done(teacher: httpx.Client) -> None:
    html = act(teacher, "acknowledge", [], rule="failed_submits", severity="warning", state="all").text
    assert "Choose at least one alert first." in html
    assert '<option value="failed_submits" selected>' in html
    assert '<option value="warning" selected>' in html
    assert '<option value="all" selected>' in html


def test_several_are_acknowledged_at_once(pages: Pages, teacher: httpx.Client) -> None:
    for who in (ANN, BEN):
        fail(pages.sender, who, "inbox-bulk")
    wait_until(lambda: len(keys_of(inbox(teacher), "inbox-bulk")) == 2)
    answer = act(teacher, "acknowledge", keys_of(inbox(teacher), "inbox-bulk"))
    assert "2 alerts acknowledged." in answer.text
    assert keys_of(inbox(teacher), "inbox-bulk") == []
    assert len(keys_of(inbox(teacher, state="acknowledged"), "inbox-bulk")) == 2


def test_an_alert_is_snoozed_and_shown_again(pages: Pages, teacher: httpx.Client) -> None:
    fail(pages.sender, BEN, "inbox-later")
    wait_until(lambda: len(keys_of(inbox(teacher), "inbox-later")) == 1)
    keys = keys_of(inbox(teacher), "inbox-later")
    assert "1 alert snoozed." in act(teacher, "snooze", keys, **{"for": "hour"}).text
    assert keys_of(inbox(teacher), "inbox-later") == []
    assert "snoozed until" in inbox(teacher, state="snoozed")
    assert "1 alert shown again." in act(teacher, "wake", keys).text
    assert keys_of(inbox(teacher), "inbox-later") == keys


def test_one_alert_shows_what_is_behind_it(pages: Pages, teacher: httpx.Client) -> None:
    (key,) = keys_of(inbox(teacher, state="all"), "Ann Inbox has failed “inbox-quiz”")
    html = teacher.get(f"/alerts/{key}", headers={"Accept": "text/html"}).text
    assert html.count(">Quiz handed in<") == 3
    assert "Clears with a pass" in html
    link = re.search(r'href="([^"]+/alert-thresholds)"', html)
    assert link
    assert teacher.get(link[1], headers={"Accept": "text/html"}).status_code == 200
    assert teacher.get(UNKNOWN, headers={"Accept": "text/html"}).status_code == 404


def test_a_message_is_drafted_and_the_students_find_that_in_their_access_log(
    pages: Pages, teacher: httpx.Client
) -> None:
    html = act(teacher, "message", keys_of(inbox(teacher, state="all"), "inbox-quiz")).text
    link = re.search(r'href="(mailto:[^"]+)"', html)
    assert link
    opened = unescape(link[1])
    assert opened.startswith("mailto:?bcc=ann%26co@example.edu&subject=")
    assert "Pages & <tests>" in unquote(opened)
    assert "Without an address on the roster: Ben Inbox" in unescape(html)
    assert "eve@example.edu" not in html
    for student in (ANN, BEN):
        search = {"tag": "alerts:student:message", "student": student}
        assert pages.sender.http.get("/v1/audit", params=search).json()["entries"], student


def reach(http: httpx.Client) -> str:
    """The card of those who need their teacher today, with all of them."""
    html = http.get("/").raise_for_status().text
    return html.partition('id="card-people_to_reach"')[2].partition("</section>")[0]


def test_the_first_page_says_who_needs_the_teacher_and_why(teacher: httpx.Client) -> None:
    rows = teacher.get("/cards/people_to_reach.json").raise_for_status().json()["rows"]
    ann = next(row for row in rows if row["name"] == "Ann Inbox")
    assert any("has failed “inbox-quiz” 3 times in a row" in why for why in ann["why"])
    assert teacher.get(ann["href"]).status_code == 200
    assert not [row for row in rows if "Eve" in row["name"]]
    card = reach(teacher)
    people = {row["student_id"] for row in rows}
    assert f">{len(people)} people need you today.</p>" in card
    assert card.count('name="student"') == min(5, len(rows))


def test_those_chosen_there_are_written_to(pages: Pages, teacher: httpx.Client) -> None:
    ids = {name: pseudonym_of(pages.sender, who) for name, who in (("ann", ANN), ("ben", BEN), ("eve", EVE))}
    chosen = [f"{ids['ann']} {COURSE}", f"{ids['eve']} {COURSE}", f"{ids['ben']} {ELSEWHERE}", "nobody"]
    form = {"form_token": token_of(inbox(teacher)), "student": chosen}
    before = [messages_about(pages, who) for who in (ANN, BEN, EVE)]
    html = teacher.post("/messages", data=form).raise_for_status().text
    assert "bcc=ann%26co@example.edu&amp;subject=" in html
    assert "Pages &amp; &lt;tests&gt;" in html
    assert "eve@example.edu" not in html
    assert "Ben Inbox" not in html
    ann, *others = before
    assert [messages_about(pages, who) for who in (ANN, BEN, EVE)] == [ann + 1, *others]
    nobody = teacher.post("/messages", data=form | {"student": [f"{ids['eve']} {ELSEWHERE}"]})
    assert nobody.status_code == 400


def test_only_own_courses_are_compared(teacher: httpx.Client) -> None:
    page = teacher.get(f"/courses/{COURSE}/compare")
    assert (page.status_code, "You teach no other course." in page.text) == (200, True)
    refused = teacher.get(f"/courses/{COURSE}/compare", params={"with": ELSEWHERE})
    assert refused.status_code == 403
    assert teacher.get(f"/courses/{ELSEWHERE}/compare").status_code == 403


def messages_about(pages: Pages, student: str) -> int:
    """How often somebody was shown the address of a student."""
    search = {"tag": "alerts:student:message", "student": student}
    return len(pages.sender.http.get("/v1/audit", params=search).raise_for_status().json()["entries"])


@pytest.mark.parametrize("role", ["student", "manager", "admin", "auditor"])
def test_only_teachers_write_to_students_of_a_list(pages: Pages, role: str) -> None:
    with closing(sign_in(pages.url, role, PASSWORD)) as http:
        assert http.post("/messages", data={"student": []}).status_code == 403


def test_nobody_handles_alerts_that_they_may_not_see(pages: Pages, teacher: httpx.Client) -> None:
    def elsewhere() -> list[dict[str, Any]]:
        answer = pages.sender.http.get("/v1/alerts", params={"course": ELSEWHERE}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["alerts"]
        return found

    wait_until(lambda: len(elsewhere()) == 1)
    key = elsewhere()[0]["id"]
    assert "0 alerts acknowledged." in act(teacher, "acknowledge", [key]).text
    answer = act(teacher, "message", [key])
    assert (answer.status_code, "eve@" in answer.text) == (400, False)
    assert "None of these alerts is about a student you can write to" in answer.text
    assert teacher.get(f"/alerts/{key}", headers={"Accept": "text/html"}).status_code == 404
    assert [each["id"] for each in elsewhere()] == [key]


def test_the_navigation_counts_what_is_new(pages: Pages, teacher: httpx.Client) -> None:
    def count() -> int:
        text = re.search(r"<bdi[^>]*>(\d*)", teacher.get("/alerts/count").text)
        return int(text[1] or 0) if text else 0

    assert 'href="/alerts"' in inbox(teacher)
    fail(pages.sender, ANN, "inbox-counted")
    wait_until(lambda: keys_of(inbox(teacher), "inbox-counted") != [])
    wait_until(lambda: count() == len(rows_of(inbox(teacher))))
    act(teacher, "acknowledge", keys_of(inbox(teacher), "inbox-"))
    wait_until(lambda: count() == len(rows_of(inbox(teacher))))


def test_an_open_page_hears_of_an_alert_that_is_raised_and_of_one_that_clears(
    pages: Pages, teacher: httpx.Client
) -> None:
    pages.sender.settle()
    with open_page(teacher) as page, closing(sign_in(pages.url, "student", PASSWORD)) as student:
        page.next()
        with open_page(student) as other:
            other.next()
            fail(pages.sender, ANN, "inbox-live")
            hear_until(page, lambda: len(keys_of(teacher.get("/alerts/list").text, "inbox-live")) == 1)
            pages.sender.send(submit(ANN, "inbox-live", 90))
            hear_until(page, lambda: keys_of(teacher.get("/alerts/list").text, "inbox-live") == [])
            assert [told for told in other.all_within(0.5) if told.event == "changed"] == []


def hear_until(page: OpenPage, condition: Callable[[], bool]) -> None:
    """Return when the page was told of alerts, and the list is as it should be; there may be other news of alerts."""
    page.alerted()
    while not condition():
        page.alerted()


@pytest.mark.parametrize("path", ["/alerts", "/alerts/list", "/alerts/count", UNKNOWN])
def test_there_is_no_inbox_for_students(pages: Pages, path: str) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        assert http.get(path).status_code == 403
        assert 'href="/alerts"' not in http.get("/").text
