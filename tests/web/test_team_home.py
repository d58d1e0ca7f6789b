"""The first page of a manager: the teams that they lead, and the members who share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from html import unescape
from typing import Any

import httpx
import pytest

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.language import days
from tests.support.browsing import sign_in
from tests.support.pages import COURSE, PASSWORD, STUDENTS, Pages

#: By id: name and members. Of "alone" nobody shares, and it is a team of few. In "sales" there are enough for a range
#: whichever way the number of those with a result is rounded.
TEAMS = {"sales": ("Sales & <more>", STUDENTS[:25]), "alone": ("", STUDENTS[25:27])}
SHARING = STUDENTS[:2]


@pytest.fixture(scope="module")
def manager(pages: Pages) -> Iterator[httpx.Client]:
    """Mia leads two teams of acme; a third that she leads belongs to another organisation."""
    http = pages.sender.http
    put(http, "roster/organisations", {"organisation_id": "acme"}, {"organisation_id": "globex"})
    people = [{"external_id": each, "name": f"Nora {each}"} for each in SHARING]
    put(http, "roster/people", {"external_id": "mia", "organisation_id": "acme"}, *people)
    teams = [
        {"team_id": team, "organisation_id": "acme", "name": name, "managers": ["mia"], "members": members}
        for team, (name, members) in TEAMS.items()
    ]
    other = {"team_id": "other", "organisation_id": "globex", "managers": ["mia"], "members": STUDENTS}
    put(http, "roster/teams", *teams, other)
    training = {"course_id": COURSE, "due_on": "2026-01-31"}
    single = {"external_id": SHARING[1], "organisation_id": "acme", "course_id": COURSE}
    put(http, "roster/trainings", {"team_id": "sales", **training}, single | {"due_on": "2099-01-31"})
    for each in SHARING:
        share(pages, each)
    account = {"login_name": "mia", "role": "manager", "person": "mia", "password": PASSWORD}
    account |= {"reason": "Leads a team in these tests."}
    http.post("/v1/accounts", json=account).raise_for_status()
    with closing(sign_in(pages.url, "mia", PASSWORD)) as browser:
        yield browser


def put(http: httpx.Client, path: str, *rows: dict[str, Any]) -> None:
    http.put(f"/v1/{path}", json=list(rows)).raise_for_status()


def share(pages: Pages, who: str, *, granted: bool = True) -> None:
    now = datetime.now(UTC).isoformat()
    row = {"external_id": who, "purpose": "employer_sharing", "granted": granted, "at": now}
    put(pages.sender.http, "consents", row)


def section(html: str, name: str) -> str:
    """The part of the page about one team."""
    found = re.search(
        rf"<h2><a[^>]*>{re.escape(name)}</a></h2>(.*?)(?=<section class=\"section\"|</main>)", html, re.DOTALL
    )
    assert found, name
    return found[1]


def team_page(manager: httpx.Client, team: str) -> str:
    return manager.get(f"/teams/{team}").raise_for_status().text


def card_of(html: str, slug: str, mark: str = "-") -> str:
    """The part of a page about one card."""
    return html.partition(f'id="card-{slug}{mark}')[2].partition("</section>")[0]


def test_a_manager_is_told_the_day_of_the_data_and_no_time(manager: httpx.Client) -> None:
    fresh = manager.get("/").text.partition('class="fresh"')[2].partition("</p>")[0]
    assert re.search(r"Data up to \w+ \d+, \d{4}", fresh)
    assert "<time" not in fresh


def test_every_number_of_a_manager_says_what_it_is_made_of(manager: httpx.Client) -> None:
    for page in ("/", "/teams/sales"):
        links = set(re.findall(r'href="(/evidence/[^"]+)"', manager.get(page).text))
        assert len(links) > 5
        for link in links:
            assert manager.get(unescape(link)).status_code == 200, link


def test_every_card_of_a_manager_has_its_file(manager: httpx.Client) -> None:
    for page in ("/", "/teams/sales"):
        files = set(re.findall(r'href="(/cards/[^"]+\.json[^"]*)"', manager.get(page).text))
        assert len(files) > 3
        for file in files:
            assert manager.get(unescape(file)).status_code == 200, file


def test_each_team_with_its_summary_and_the_members_who_share(manager: httpx.Client) -> None:
    html = manager.get("/").text
    assert re.findall(r'<section class="section">\s*<h2>(.*?)</h2>', html) == [
        "All teams",
        '<a href="/teams/sales">Sales &amp; &lt;more&gt;</a>',
        '<a href="/teams/alone">alone</a>',
    ]
    assert re.search(r'<span class="value">25</span>', section(html, "Sales &amp; &lt;more&gt;"))
    assert re.findall(r'href="(/teams/[^"#]+)"', card_of(html, "team_comparison", "")) == [
        "/teams/sales",
        "/teams/alone",
    ]
    sales = html = team_page(manager, "sales")
    assert "<h1>Sales &amp; &lt;more&gt;</h1>" in html
    linked = r'<dt>Members</dt>\s*<dd>\s*<a class="why"[^>]* href="([^"]+)"><span class="value">25</span>'
    [why] = re.findall(linked, sales)
    told = manager.get(unescape(why)).text
    assert set(re.findall(r">(Nora [\w-]+)</a>", told)) == {f"Nora {each}" for each in SHARING}
    assert f"Others, counted together: {25 - len(SHARING)}" in told
    assert set(re.findall(r">(Nora [\w-]+)</a>", sales)) == {f"Nora {each}" for each in SHARING}
    assert card_of(html, "team_members").count("Nora pages-student") == len(SHARING)
    assert "Student " not in sales


def test_teams_are_compared_with_ranges_and_a_few_members_with_none(manager: httpx.Client) -> None:
    rows = manager.get("/cards/team_comparison.json").raise_for_status().json()["rows"]
    sales, alone = ({row["team_id"]: row for row in rows}[team] for team in ("sales", "alone"))
    assert 0 <= sales["completion_low"] < sales["completion_pct"] <= sales["completion_high"] <= 100
    low, high = (f"{sales[f'completion_{end}']:.0f}" for end in ("low", "high"))
    assert re.fullmatch(rf"{low}\D+{high}\D+", sales["completion_range"])
    assert [alone[name] for name in ("completion_range", "completion_low", "score_high")] == [None] * 3
    best_first = manager.get("/cards/team_comparison.json", params={"sort": "-completion_low"}).json()["rows"]
    assert [row["team_id"] for row in best_first] == ["sales", "alone"]


def test_a_small_team_says_so_and_a_list_of_nobody_too(manager: httpx.Client) -> None:
    assert section(manager.get("/").text, "alone").count("too few people") == 9
    alone = team_page(manager, "alone")
    # Week by week it says so as often as the period has whole weeks.
    weeks = card_of(alone, "team_weeks").count("too few people")
    assert weeks >= 3 * 3
    assert alone.count("too few people") - weeks == 9 + 4
    assert "No member of this team shares their record with you." in alone


def test_training_is_listed_for_those_who_share_and_counted_for_all(manager: httpx.Client) -> None:
    sales = team_page(manager, "sales")
    listed = card_of(sales, "team_training_members")
    names = re.findall(r">(Nora [\w-]+)</a>", listed)
    assert names == [f"Nora {each}" for each in SHARING], "the one who is overdue comes first"
    assert re.findall(r"chip is-(\w+)", listed) == ["overdue", "open"]
    counted = manager.get("/cards/team_training.json?team=sales").json()
    (row,) = counted["rows"]
    assert (row["assigned"], row["due_on"], row["mandatory"]) == (25, "2026-01-31", True)
    assert row["overdue"] > 10


def test_a_changed_due_date_shows_with_the_next_look(pages: Pages, manager: httpx.Client) -> None:
    def due() -> str:
        (row,) = manager.get("/cards/team_training.json?team=sales").json()["rows"]
        return str(row["due_on"])

    row = {"team_id": "sales", "course_id": COURSE}
    for day in ("2026-02-28", "2026-01-31"):
        put(pages.sender.http, "roster/trainings", row | {"due_on": day})
        assert due() == day


def test_a_team_without_training_says_what_would_be_there(manager: httpx.Client) -> None:
    alone = team_page(manager, "alone")
    assert "Nothing is assigned to this team." in card_of(alone, "team_training")
    assert "No member who shares their record with you has training to take." in alone


def test_this_week_says_what_is_pressing_and_leads_there(manager: httpx.Client) -> None:
    """On the first page, and with the people behind it one click away."""
    sales = section(manager.get("/").text, "Sales &amp; &lt;more&gt;")
    (row,) = [
        each
        for each in manager.get("/cards/team_steps.json?team=sales").json()["rows"]
        if "overdue" in each["title"]
    ]
    counted = manager.get("/cards/team_training.json?team=sales").json()["rows"][0]
    assert row["title"].startswith(f"{counted['overdue']} people overdue: ")
    assert "Jan 31, 2026" in row["why"]
    path, _, anchor = row["href"].partition("#")
    assert path == "/teams/sales"
    assert f'id="{anchor}"' in team_page(manager, "sales")
    assert row["href"] in sales


def test_the_first_page_is_told_of_changes_in_the_teams(manager: httpx.Client) -> None:
    stream = re.search(r'data-stream="([^"]+)"', manager.get("/").text)
    assert stream
    with manager.stream("GET", stream[1].replace("&amp;", "&")) as answer:
        assert answer.status_code == 200


def test_nothing_on_the_page_has_the_id_of_something_else(manager: httpx.Client) -> None:
    for html in (manager.get("/").text, team_page(manager, "sales")):
        ids = re.findall(r'\sid="([^"]+)"', html)
        assert len(set(ids)) == len(ids)


def test_the_name_of_a_member_leads_to_the_record(manager: httpx.Client) -> None:
    links = re.findall(r'href="(/students/[^"]+)"', card_of(team_page(manager, "sales"), "team_members"))
    assert len(links) == len(SHARING)
    assert {manager.get(link).status_code for link in links} == {200}


def test_the_page_of_a_member_shows_what_the_consent_names(manager: httpx.Client) -> None:
    link = re.findall(r'href="(/students/[^"]+)"', team_page(manager, "sales"))[0]
    cards = re.findall(r'id="card-(student_\w+?)["-]', manager.get(link).text)
    shown = {"student_headline", "student_courses", "student_assessments", "student_skills"}
    assert set(cards) == {*shown, "student_certificates", "student_feedback"}
    student = link.rpartition("/")[2]
    for card in ("student_activity", "student_videos", "student_steps", "student_goals"):
        assert manager.get(f"/cards/{card}?student={student}").status_code == 403


def test_a_card_is_turned_where_it_stands(manager: httpx.Client) -> None:
    html = team_page(manager, "sales")
    turn = re.search(r'href="(\?card=team_members-[^"]+sort=name[^"]*)"', html)
    part = re.search(r'hx-get="(/cards/team_members\?team=sales[^"]*sort=name[^"]*)"', html)
    assert turn
    assert part
    for path in (f"/teams/sales{turn[1]}", part[1]):
        shown = manager.get(path.replace("&amp;", "&"))
        assert shown.status_code == 200
        names = re.findall(r">(Nora [\w-]+)</a>", card_of(shown.text, "team_members"))
        assert names
        assert names == sorted(names)
        assert 'aria-sort="ascending"' in shown.text


def test_totals_and_members_may_be_carried_away(manager: httpx.Client) -> None:
    html = team_page(manager, "sales")
    for card, rows in (("team_headline", 9), ("team_members", len(SHARING))):
        assert f"/cards/{card}.csv?team=sales" in html
        answer = manager.get(f"/cards/{card}.csv?team=sales")
        assert (answer.status_code, len(answer.text.splitlines())) == (200, 1 + rows)
    assert len(manager.get("/cards/team_members.json?team=sales").json()["rows"]) == len(SHARING)


def test_a_card_names_the_days_that_its_numbers_are_about(manager: httpx.Client) -> None:
    """Numbers about people who are not seen end with yesterday; those of members who share end with today."""
    today = datetime.now(UTC).date()
    ends = {}
    for metric, card in {"team_summary": "team_headline", "team_members": "team_members"}.items():
        told = manager.get(f"/v1/metrics/{metric}", params={"team": "sales"}).raise_for_status().json()
        last = date.fromisoformat(told["to"]) - timedelta(days=1)
        file = manager.get(f"/cards/{card}.csv", params={"team": "sales", "days": 28})
        assert file.headers["Period"] == f"{told['from']}--{last}"
        words = days(date.fromisoformat(told["from"]), last)
        assert words in unescape(manager.get(f"/cards/{card}", params={"team": "sales", "days": 28}).text)
        ends[card] = last
    assert ends == {"team_headline": today - timedelta(days=1), "team_members": today}


@pytest.mark.parametrize("team", ["other", "nowhere", ""])
def test_no_other_team(manager: httpx.Client, team: str) -> None:
    assert not team or manager.get(f"/teams/{team}").status_code == 403
    for card in (card.slug for card in DASHBOARDS[Dashboard.TEAM]):
        assert manager.get(f"/cards/{card}?team={team}").status_code == 403
        assert manager.get(f"/cards/{card}.json?team={team}").status_code == 403


def test_a_member_who_stops_sharing_is_gone_with_the_next_look(pages: Pages, manager: httpx.Client) -> None:
    share(pages, SHARING[0], granted=False)
    try:
        html = team_page(manager, "sales")
        assert set(re.findall(r">(Nora [\w-]+)</a>", html)) == {f"Nora {SHARING[1]}"}
    finally:
        share(pages, SHARING[0])


def test_the_looks_are_recorded(pages: Pages, manager: httpx.Client) -> None:
    for team in TEAMS:
        team_page(manager, team)
    found = pages.sender.http.get("/v1/audit", params={"tag": "metrics:team:read"}).raise_for_status().json()
    said = {(each["subject"], each["detail"].partition(" ")[0]) for each in found["entries"]}
    assert said >= {(team, metric) for team in TEAMS for metric in ("team_summary", "team_members")}


def test_a_page_about_several_teams_follows_them_and_not_the_platform(manager: httpx.Client) -> None:
    """A stream that may not be opened would leave the whole page as it was."""
    found = re.search(r'data-stream="([^"]+)"', manager.get("/").text)
    assert found
    address = unescape(found[1])
    watched = set(re.findall(r"watch=([^&]+)", address))
    assert {"team%3Asales", "team%3Aalone"} <= watched
    assert "platform" not in watched
    with manager.stream("GET", address) as stream:
        assert stream.status_code == 200


def test_why_numbers_are_hidden_is_said_once_a_page(manager: httpx.Client) -> None:
    for page in ("/", "/teams/sales"):
        html = manager.get(page).text
        assert html.count("people are hidden, and so are numbers") == 1, page
        assert 'id="small-groups"' in html.partition('class="card')[0]
