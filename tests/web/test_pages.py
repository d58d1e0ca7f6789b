"""Pages as a browser gets them, over a running server."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from html import unescape
from html.parser import HTMLParser

import httpx
import pytest

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from tests.support.browsing import sign_in
from tests.support.pages import COURSE as COURSE_ID
from tests.support.pages import PASSWORD, Pages, study

PLACES = [
    *((card, "/") for card in DASHBOARDS[Dashboard.PLATFORM]),
    *((card, "course") for card in DASHBOARDS[Dashboard.COURSE]),
]


class Reader(HTMLParser):
    """Collects what a page's policy forbids, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.sources: list[str] = []
        self.ids: list[str] = []
        self.scopes: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") != "application/json"
        ):
            self.inline.append(tag)
        self.sources += [given[name] or "" for name in ("src", "href") if name in given]
        if tag == "th":
            self.scopes.append(given.get("scope"))
        if given.get("id"):
            self.ids.append(given["id"] or "")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


@pytest.mark.parametrize("address", ["/courses/made-up", "/cards/course_students.json?course=made-up"])
def test_a_course_that_nobody_knows_has_no_page(pages: Pages, address: str) -> None:
    answer = pages.admin.get(address, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_course")


def test_a_course_without_events_has_a_page(pages: Pages) -> None:
    course = {"course_id": "pages-quiet", "title": "Nothing yet"}
    pages.sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    assert pages.get("/courses/pages-quiet").status_code == 200
    assert pages.sender.metric("course_summary", course="pages-quiet")[0]["active_learners"] == 0


def twin(pages: Pages, slug: str, form: str, **query: str) -> httpx.Response:
    return pages.admin.get(f"/cards/{slug}{form}", params=query).raise_for_status()


def test_every_page_answers_without_inline_code(pages: Pages) -> None:
    for path in pages.all:
        answer = pages.get(path)
        reader = read(answer.text)
        assert answer.status_code == 200, path
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert reader.inline == [], path
        assert len(reader.ids) == len(set(reader.ids)), path
        assert all(source.startswith(("/", "?", "#")) for source in reader.sources), path


@pytest.mark.parametrize("kind", ["course", "video", "student"])
def test_page_shows_its_cards(pages: Pages, kind: str) -> None:
    # No leaderboard, which is for those in the course, and nothing that is for the student alone.
    hidden = {"course_leaderboard", "student_goals", "student_class", "student_habits"}
    cards = [card for card in DASHBOARDS[Dashboard(kind)] if card.slug not in hidden]
    html = pages.get(getattr(pages, kind)).text
    assert html.count('class="card span-') == len(cards)
    assert "The database is not responding" not in html


def test_every_heading_of_a_table_says_whether_it_heads_a_row_or_a_column(pages: Pages) -> None:
    for path in pages.all:
        assert set(read(pages.get(path).text).scopes) <= {"row", "col"}, path
    assert "row" in read(pages.get(pages.course).text).scopes


def test_title_from_the_catalog_is_escaped(pages: Pages) -> None:
    html = pages.get(pages.course).text
    assert "<h1>Pages &amp; &lt;tests&gt;</h1>" in html


def test_every_how_is_this_computed_leads_somewhere(pages: Pages) -> None:
    places = set(read(pages.get("/definitions").text).ids)
    for path in pages.all[:-1]:
        linked = set(re.findall(r'href="/definitions#([\w-]+)"', pages.get(path).text))
        assert linked
        assert linked <= places


def test_how_is_this_computed_shows_the_definition_an_example_and_the_vectors(pages: Pages) -> None:
    html = pages.get("/definitions").text
    section = html.partition('id="course_risk"')[2].partition("</section>")[0]
    assert "<h2>Risk by rule</h2>" in section
    assert "Rhythm = median distance in days between active days" in section
    assert "needs_help_clears" in section
    assert "&#34;events&#34;" in section
    vector = pages.get("/definitions/vectors/needs_help_clears")
    assert vector.json()["expected"]
    assert pages.get("/definitions/vectors/no_such_vector").status_code == 404


@pytest.mark.parametrize(
    ("language", "title", "says"),
    [("de", "Lernserie", "Tage in Folge"), ("ar", "سلسلة التعلّم", "أيام متتالية")],
)
def test_definitions_are_told_in_the_language_of_the_reader(
    pages: Pages, language: str, title: str, says: str
) -> None:
    html = pages.get("/definitions", **{"Accept-Language": language}).text
    section = html.partition('id="streak"')[2].partition("</section>")[0]
    assert f"<h2>{title}</h2>" in section
    assert says in section
    # The exact rules are in English, and said to be.
    exact = section.partition('id="exact-streak"')[2]
    assert 'lang="en" dir="ltr"' in exact.partition("quarter-hours of UTC days")[0]


def test_links_between_definitions_lead_somewhere(pages: Pages) -> None:
    html = pages.get("/definitions").text
    assert not re.findall(r'href="[\w/-]+\.md', html)
    assert set(re.findall(r'href="#([\w-]+)"', html)) <= set(read(html).ids)


def test_students_see_next_steps_and_no_label(pages: Pages) -> None:
    html = pages.get(pages.student).text.lower()
    assert "next steps" in html
    assert not [word for word in ("struggling", "at risk", "risk point", "excelling") if word in html]


def test_screen_json_and_csv_hold_the_same_rows(pages: Pages) -> None:
    asked = {"course": COURSE_ID, "days": "28"}
    rows = twin(pages, "course_lessons", ".json", **asked).json()["rows"]
    lines = list(csv.DictReader(io.StringIO(twin(pages, "course_lessons", ".csv", **asked).text)))
    html = twin(pages, "course_lessons", "", **asked).text
    assert rows[0]["started"] == 30
    assert [{key: str(value) for key, value in row.items()} for row in rows] == lines
    assert all(row["title"] in html for row in rows)


def test_chart_on_the_page_is_the_chart_of_the_twin(pages: Pages) -> None:
    html = twin(pages, "course_lessons", "", course=COURSE_ID).text
    drawn = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', html, re.DOTALL)
    assert drawn
    assert json.loads(drawn[1]) == twin(pages, "course_lessons", ".json", course=COURSE_ID).json()["option"]


def test_list_of_learners_is_sorted_and_paged(pages: Pages) -> None:
    asked = {"course": COURSE_ID, "sort": "-score_pct"}
    rows = twin(pages, "course_students", ".json", **asked).json()["rows"]
    scores = [row["score_pct"] for row in rows]
    # Thirty, and those whom tests on the same server have added.
    assert len(rows) >= 30
    assert scores == sorted(scores, reverse=True)
    assert f"1–10 of {len(rows)}" in twin(pages, "course_students", "", **asked).text
    assert f"11–20 of {len(rows)}" in twin(pages, "course_students", "", page="2", **asked).text


def test_page_without_scripts_turns_one_card_only(pages: Pages) -> None:
    html = pages.get(f"{pages.course}?card=course_students&page=2&sort=-score_pct").text
    assert len(re.findall(r"11–20 of \d+", html)) == 1
    assert 'aria-sort="descending"' in html
    # A card beside it may be sorted by itself, on its own first page.
    assert not re.search(r"11–20 of", pages.get(pages.course).text)


def test_learners_are_found_by_name_and_the_address_of_the_page_says_so(pages: Pages) -> None:
    answer = pages.admin.get(
        "/cards/course_students",
        params={"course": COURSE_ID, "search": "LEÁ", "sort": "name", "bucket": "made up"},
        headers={"HX-Request": "true"},
    )
    assert "1 learner fits." in answer.text
    assert ">Lea Learner</a>" in answer.text
    address = answer.headers["hx-push-url"]
    html = pages.get(pages.course + unescape(address).partition("#")[0]).text
    card = html.partition('id="card-course_students"')[2].partition("</section>")[0]
    assert "1 learner fits." in card
    assert 'value="LEÁ"' in card
    assert '<option value="name" selected>' in card


def test_a_list_in_which_nobody_fits_can_be_left_again(pages: Pages) -> None:
    html = pages.get(f"{pages.course}?card=course_students&search=nobody&status=not_started").text
    card = html.partition('id="card-course_students"')[2].partition("</section>")[0]
    assert "No learner fits." in card
    assert '<option value="not_started" selected>Not started</option>' in card
    back = re.search(r'id="whole-course_students" href="([^"]+)"', card)
    assert back
    assert "learners." in pages.get(pages.course + unescape(back[1]).partition("#")[0]).text


def test_a_card_that_is_renewed_by_itself_leaves_the_address_alone(pages: Pages) -> None:
    headers = {"HX-Request": "true", "HX-Trigger": "card-course_students", "X-Card-Print": "another"}
    answer = pages.admin.get(f"/cards/course_students?course={COURSE_ID}&search=lea", headers=headers)
    assert answer.status_code == 200
    assert "hx-push-url" not in answer.headers


def test_refresh_with_nothing_new_is_empty(pages: Pages) -> None:
    html = twin(pages, "course_lessons", "", course=COURSE_ID).text
    seen = re.search(r'"X-Card-Print": "(\w+)"', html)
    assert seen
    path = f"/cards/course_lessons?course={COURSE_ID}"
    assert pages.get(path, **{"X-Card-Print": seen[1]}).status_code == 204
    assert pages.get(path, **{"X-Card-Print": "other"}).status_code == 200


def test_live_tells_of_new_data(pages: Pages) -> None:
    with pages.admin.stream("GET", "/live/changes", params={"watch": "platform"}) as stream:
        lines = (line for line in stream.iter_lines() if line.startswith("data: "))
        first = json.loads(next(lines)[6:])
        pages.sender.send(*study("pages-student-0", 0)[1:2], study("pages-student-live", 0)[1])
        news = json.loads(next(lines)[6:])
    assert first["first"] is True
    assert news["first"] is False


@pytest.mark.parametrize(
    "path",
    ["/students/nobody", "/cards/nothing", "/cards/course_lessons.xml", "/cards/course_lessons.json.csv"],
)
def test_unknown_address_is_a_page_that_says_so(pages: Pages, path: str) -> None:
    answer = pages.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address." in answer.text


def test_a_page_that_cannot_be_shown_keeps_the_frame_of_who_is_signed_in(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        refused = http.get("/courses/none")
    assert refused.status_code == 403
    assert "This page cannot be shown" in refused.text
    assert "Sign out" in refused.text


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Kolkata", "GMT+05:30"), ("Asia%2FKolkata", "GMT+05:30"), ("../etc", "UTC"), ("Nowhere", "UTC")],
)
def test_times_are_on_the_clock_of_the_reader(pages: Pages, zone: str, shown: str) -> None:
    html = pages.get(pages.course, Cookie=f"zone={zone}; {cookies(pages)}").text
    latest = html.partition('class="fresh"')[2].partition("</time>")[0]
    assert latest.endswith(shown)
    assert f"on the clock of {'Asia/Kolkata' if 'Kolkata' in zone else 'UTC'}." in html


def cookies(pages: Pages) -> str:
    return "; ".join(f"{name}={value}" for name, value in pages.admin.cookies.items())


def test_a_file_for_people_is_marked_as_utf_8_once(pages: Pages) -> None:
    plain = twin(pages, "course_lessons", ".csv", course=COURSE_ID)
    assert plain.headers["content-type"] == "text/csv; charset=utf-8"
    sheet = twin(pages, "course_lessons", ".csv", course=COURSE_ID, sheet="true")
    assert sheet.content.startswith("\ufefflesson_id".encode())
    assert f'filename="course_lessons_{COURSE_ID}_to-' in sheet.headers["content-disposition"]


def test_a_change_of_days_keeps_filters_and_orders(pages: Pages) -> None:
    text = pages.get(f"{pages.course}?card=course_students&sort=name&search=pages&page=2&days=7").text
    kept = "?card=course_students&amp;search=pages&amp;sort=name&amp;days=90"
    assert f'href="{kept}" hx-get="{kept}"' in text


def test_evidence_is_on_the_readers_clock(pages: Pages) -> None:
    """A session of yesterday: its events stand at the time of the reader, with its distance from UTC."""
    address = f"/evidence/student_summary?column=time_spent&student={pages.pseudonym(0)}"
    opened = re.search(r'href="(/evidence/[^"]*item=[^"]*)"', pages.get(address).text)
    assert opened is not None
    text = pages.get(unescape(opened[1]), Cookie=f"{cookies(pages)}; zone=Asia%2FKolkata").text
    assert "GMT+05:30" in text
    assert "UTC" not in text.partition("<tbody>")[2].partition("</tbody>")[0]
