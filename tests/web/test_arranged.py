"""What is missing on a page is said once, and not in a grey box for each card."""

from __future__ import annotations

import re

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.reader import Rows
from coursepulse.privacy.consent import Purpose
from coursepulse.web.dashboards.shown import CardRequest, ShownCard, arrange, part
from coursepulse.web.http.render import templates
from tests.support.pages import Pages, pseudonym_of, study

CARDS = DASHBOARDS[Dashboard.STUDENT]


def shown(*, rows: Rows = (), lacks: Purpose | None = None, number: int = 4) -> list[ShownCard]:
    return [
        ShownCard(card=card, request=CardRequest(), days=28, rows=rows, lacks_consent=lacks)
        for card in CARDS[:number]
    ]


def test_cards_that_wait_for_consent_are_named_in_one_sentence() -> None:
    arranged = arrange([*shown(lacks=Purpose.ANALYTICS), *shown(rows=({},), number=1)])
    assert ([*map(len, arranged)]) == [1, 0, 4]


def test_one_that_waits_says_so_itself() -> None:
    assert [*map(len, arrange(shown(lacks=Purpose.ANALYTICS, number=1)))] == [1, 0, 0]


def test_many_that_have_nothing_yet_stand_apart_and_few_do_not() -> None:
    assert [*map(len, arrange(shown()))] == [0, 4, 0]
    assert [*map(len, arrange(shown(number=2)))] == [2, 0, 0]


def test_one_that_stands_apart_is_still_asked_for_again() -> None:
    html = templates().get_template("parts/cards.html").render(**arrange(shown())._asdict(), metric_name=str)
    assert len(re.findall(r'class="card span-6 is-slim" id="card-\w+"[^>]*\n [^>]*data-refresh', html)) == 4


def test_a_long_page_has_parts_and_every_card_stands_in_one() -> None:
    cards = [
        ShownCard(card=card, request=CardRequest(), days=28, rows=({},))
        for card in DASHBOARDS[Dashboard.COURSE]
    ]
    above, *parts = part(cards)
    assert [shown.card.slug for shown in above.cards] == ["course_headline", "course_now"]
    assert [each.name for each in parts] == ["people", "work", "content", "skills", "talk", "effect"]
    assert [shown.card for each in (above, *parts) for shown in each.cards] == list(
        DASHBOARDS[Dashboard.COURSE]
    )


def test_a_part_is_named_where_it_begins_and_where_the_page_leads_to_it(pages: Pages) -> None:
    html = pages.get(pages.course).text
    for name in ("people", "work", "content"):
        assert f'href="#part-{name}"' in html
        assert f'<section class="part" id="part-{name}"' in html
    assert 'class="jump"' not in pages.get("/").text


def test_a_student_without_consent_has_courses_and_one_sentence_about_the_rest(pages: Pages) -> None:
    pages.sender.send(study("pages-silent", 0, "pages-contract")[0])
    pages.sender.settle()
    html = pages.get(f"/students/{pseudonym_of(pages.sender, 'pages-silent')}").text
    assert html.count("without consent to learning analytics") == 1
    assert html.count("Nothing is shown here") == 0
    withheld = html.partition('id="withheld"')[2].partition("</section>")[0]
    assert "When learning happens" in withheld
    courses = html.partition('id="card-student_courses"')[2].partition("</section>")[0]
    assert "pages-contract" in courses
    assert "Enrolled" in courses
    assert "only with consent to learning analytics" in courses


def test_a_course_without_anything_has_no_wall_of_boxes(pages: Pages) -> None:
    pages.sender.http.put("/v1/roster/courses", json=[{"course_id": "pages-empty"}]).raise_for_status()
    html = pages.get("/courses/pages-empty").text
    before, _, after = html.partition("Nothing to show yet")
    assert before.count('class="empty"') < 3
    assert after.count("is-slim") > 5
