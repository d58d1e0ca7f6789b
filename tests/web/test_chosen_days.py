"""Days of one's own on pages and cards: from one day to another, on the reader's clock, in every link."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from coursepulse.access.viewer import Role, Viewer
from coursepulse.dashboards.language import days as span_words
from coursepulse.dashboards.language import on_clock, speaking
from coursepulse.dashboards.period import MOST_DAYS, ChosenDays, Period
from coursepulse.dashboards.reader import CardSubject, MetricReader
from coursepulse.dashboards.text import say
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table
from tests.support.browsing import sign_in
from tests.support.pages import COURSE, PASSWORD, STUDENTS, Pages

NOON = to_micros(datetime(2026, 11, 30, 12, tzinfo=UTC))
TODAY = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("chosen", "start", "end"),
    [
        (ChosenDays(since="2026-11-02", until="2026-11-08"), "2026-11-02", "2026-11-08"),
        (ChosenDays(since="2026-11-30", until="2026-11-30"), "2026-11-30", "2026-11-30"),
        (ChosenDays(since="2026-11-24"), "2026-11-24", "2026-11-30"),
        (ChosenDays(until="2026-11-28"), "2026-11-01", "2026-11-28"),
        (ChosenDays(7), "2026-11-24", "2026-11-30"),
    ],
)
def test_both_days_are_part_of_the_period(chosen: ChosenDays, start: str, end: str) -> None:
    assert chosen.period(NOON) == Period(date.fromisoformat(start), date.fromisoformat(end), TODAY)


def test_what_day_it_is_says_the_clock_of_the_reader() -> None:
    tomorrow = ChosenDays(since="2026-11-29", until="2026-12-01")
    with pytest.raises(RequestError):
        tomorrow.period(NOON)
    with on_clock(ZoneInfo("Pacific/Kiritimati")):  # 14 hours ahead
        assert tomorrow.period(NOON) == Period(date(2026, 11, 29), TODAY, TODAY)
        assert ChosenDays(since="2026-12-01").period(NOON) == Period(TODAY, TODAY, TODAY)
    with on_clock(ZoneInfo("Pacific/Pago_Pago")):  # 11 hours behind: the UTC day has begun for everybody
        assert ChosenDays(until="2026-11-30").period(NOON).end == TODAY


HOSTILE = {
    "since=2999-01-01": "invalid_period",
    "until=2999-01-01": "invalid_period",
    "since=2026-02-03&until=2026-02-01": "invalid_period",
    "since=0001-01-01&until=2026-02-01": "invalid_period",
    "until=0001-01-01": "invalid_period",
    "since=1971-01-01&until=2026-02-01": "invalid_period",
    "since=12026-01-01": "invalid_date",
    "since=yesterday": "invalid_date",
    "since=2026-02-30": "invalid_date",
    f"since={'9' * 5000}": "invalid_date",
    "days=7&since=2026-02-01": "invalid_period",
    "days=7e3": "invalid_request",
    "days=-7": "invalid_request",
    f"days={'7' * 5000}": "invalid_request",
    "as_of=2026-02-01": "unused_parameter",
    "days=0": "invalid_request",
    "card=course_students&sort=nothing": "invalid_sort",
    f"card=course_students&sort={'x' * 10_000}": "invalid_sort",
    "sort=name": "invalid_sort",
}


@pytest.mark.parametrize("query", HOSTILE)
def test_what_makes_no_sense_is_refused_with_a_stable_code(pages: Pages, query: str) -> None:
    answer = pages.admin.get(f"{pages.course}?{query}", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, HOSTILE[query])
    assert len(answer.text) < 600
    page = pages.get(f"{pages.course}?{query}")
    assert (page.status_code, "This page cannot be shown" in page.text) == (400, True)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_why_days_are_refused_is_said_in_every_language(pages: Pages, language: str) -> None:
    page = pages.get(
        f"{pages.course}?since=2026-02-03&until=2026-02-01", **{"Accept-Language": language}
    ).text
    with speaking(language):
        assert say("period.trouble.reversed") in unescape(page)


@pytest.mark.parametrize("query", [each for each in HOSTILE if each != "sort=name"])
def test_so_does_a_card(pages: Pages, query: str) -> None:
    wanted = {"invalid_request"} if len(query) > 9000 else {HOSTILE[query]}
    address = f"/cards/course_students.json?course={COURSE}&{query}"
    answer = pages.admin.get(address, headers={"Accept": "application/json"})
    assert (answer.status_code, {answer.json()["code"]}) == (400, wanted)


def test_the_longest_period_is_answered(pages: Pages) -> None:
    today = datetime.now(UTC).date()
    since = today - timedelta(days=MOST_DAYS - 1)
    body = pages.admin.get(f"/cards/course_daily.json?course={COURSE}&since={since}").json()
    assert (body["days"], len(body["rows"])) == (MOST_DAYS, MOST_DAYS)
    assert (body["since"], body["until"]) == (since.isoformat(), today.isoformat())


def own_days(back: int = 12, span: int = 9) -> tuple[date, date]:
    """Days that no usual span has."""
    until = datetime.now(UTC).date() - timedelta(days=back)
    return until - timedelta(days=span - 1), until


def test_links_of_a_page_lead_to_the_same_days(pages: Pages) -> None:
    # To today: evidence needs events, which these students have of yesterday.
    since, until = own_days(back=0)
    asked = f"since={since}&until={until}"
    html = pages.get(f"{pages.course}?{asked}").raise_for_status().text
    found = [unescape(each) for each in re.findall(r'(?:href|hx-get)="([^"]*)"', html)]
    cards = [each for each in found if each.startswith(("/cards/", "/evidence/", "?card="))]
    assert len(cards) > 60
    # Forms bring their fields along.
    assert html.count(f'<input type="hidden" name="since" value="{since}">') == 2
    cards = [each for each in cards if "?" in each]
    assert [each for each in cards if f"since={since}" not in each or f"until={until}" not in each] == []
    assert [each for each in cards if "days=" in each] == []
    files = [each for each in found if "file=" in each or each.startswith("/reports?")]
    assert len(files) == 3
    assert all(str(since) in each for each in files)
    evidence = next(each for each in cards if each.startswith("/evidence/course_summary"))
    assert span_words(since, until) in pages.get(evidence).raise_for_status().text


def test_the_control_needs_no_scripts_and_shows_the_days(pages: Pages) -> None:
    since, until = own_days()
    html = pages.get(f"{pages.course}?card=course_students&sort=name&since={since}&until={until}&page=2").text
    form = html.partition('id="own-days"')[2].partition("</details>")[0]
    assert re.findall(r'<input type="(\w+)"[^>]*name="(\w+)" value="([^"]*)"', form) == [
        ("hidden", "card", "course_students"),
        ("hidden", "sort", "name"),
        ("date", "since", str(since)),
        ("date", "until", str(until)),
    ]
    assert f'method="get" action="{pages.course}"' in form
    assert span_words(since, until) in form
    # These are no last days.
    assert f"9 days: {span_words(since, until)}" in html.partition('id="card-course_daily"')[2]
    assert "Last 9 days" not in html
    usual = html.partition('<nav class="switch"')[2].partition("</nav>")[0]
    assert "aria-current" not in usual
    assert "since=" not in usual


def test_tabs_keep_the_days(pages: Pages) -> None:
    since, until = own_days()
    html = pages.get(f"/admin/quality?since={since}&until={until}").text
    assert f'href="/admin/system?since={since}&amp;until={until}"' in html


class Asked:
    """Keeps the questions of a card, and answers with the days that were asked about."""

    def __init__(self) -> None:
        self.questions: list[Query] = []

    def run(self, query: Query, viewer: Viewer, *, export: bool = False) -> Table:
        self.questions.append(query)
        return Table(
            metric=query.metric,
            columns=("clicks",),
            rows=((3,),),
            start=query.days[0],
            end=query.days[1],
            latest_data_at=None,
            definition_version="1",
            previous=((2,),),
            reaches_back=True,
        )


def test_numbers_are_those_of_the_days_and_compared_with_as_many_before() -> None:
    asked, period = Asked(), ChosenDays(since="2026-11-02", until="2026-11-10").period(NOON)
    reader = MetricReader(asked, Viewer(role=Role.ADMIN, subject="a"), CardSubject(course="c"), period)
    found = reader.compared("course_summary")
    (question,) = asked.questions
    assert question.days == (date(2026, 11, 2), date(2026, 11, 11))
    # What lies before is the metric's: as many days, which end where these begin.
    assert question.before().days == (date(2026, 10, 24), date(2026, 11, 2))
    assert (found.days, found.before) == (9, [{"clicks": 2}])


def test_a_page_shows_what_the_api_says_of_the_days(pages: Pages) -> None:
    since, until = own_days(back=1)
    asked = {"course": COURSE, "since": str(since), "until": str(until)}
    rows = pages.admin.get("/cards/course_headline.json", params=asked).json()["rows"]
    end = str(until + timedelta(days=1))
    (told,) = pages.sender.metric("course_summary", course=COURSE, to=end, **{"from": str(since)})
    known = {row["name"]: row["value"] for row in rows}
    assert known["active_learners"] == told["active_learners"] > 0


@pytest.fixture(scope="module")
def manager(pages: Pages) -> Iterator[httpx.Client]:
    """Leads a team of twenty, of whom nobody shares."""
    http = pages.sender.http
    put(http, "organisations", {"organisation_id": "days-org"})
    put(http, "people", {"external_id": "days-lead", "organisation_id": "days-org"})
    team = {"team_id": "days-team", "organisation_id": "days-org", "name": "Days", "managers": ["days-lead"]}
    put(http, "teams", team | {"members": STUDENTS[5:25]})
    account = {"login_name": "days-lead", "role": "manager", "person": "days-lead", "password": PASSWORD}
    http.post("/v1/accounts", json=account | {"reason": "Leads a team in these tests."}).raise_for_status()
    with closing(sign_in(pages.url, "days-lead", PASSWORD)) as browser:
        yield browser


def put(http: httpx.Client, path: str, *rows: dict[str, Any]) -> None:
    http.put(f"/v1/roster/{path}", json=list(rows)).raise_for_status()


def test_whole_weeks_alone_are_shown_of_a_group_whose_members_are_not_seen(manager: httpx.Client) -> None:
    """By moving the days one by one nobody learns what a single day added."""
    today = datetime.now(UTC).date()
    sunday = today - timedelta(days=today.weekday() + 8)
    seen = set()
    for back in range(7):
        until = sunday + timedelta(days=6 - back)
        query = f"team=days-team&since={until - timedelta(days=8)}&until={until}"
        body = manager.get(f"/cards/team_headline.json?{query}").raise_for_status().json()
        seen.add((body["since"], body["until"], body["rows_digest"]))
    assert {(since, until) for since, until, _ in seen} == {(str(sunday - timedelta(days=27)), str(sunday))}
    assert len(seen) == 1
    html = manager.get(f"/?since={until - timedelta(days=8)}&until={until}").text
    assert 'id="aligned"' in html
    assert span_words(sunday - timedelta(days=27), sunday) in html
    assert 'id="aligned"' not in manager.get("/?days=7").text
