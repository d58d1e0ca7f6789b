"""Pages on paper: charts as vectors, tables, and what screen readers need."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.language import on_clock, speaking
from coursepulse.dashboards.period import Period
from coursepulse.kit.clock import to_micros
from coursepulse.reports.charts import ChartLooks, ChartNotDrawn, draw_chart, turn
from coursepulse.reports.pdf import print_paper
from coursepulse.web.dashboards.papers import MOST_ROWS, PaperHead, palette, write_paper
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.render import STATIC
from tests.docs.pages import ROOT
from tests.support.pdf import ReadPdf
from tests.web.rows import ROWS

LOOKS = ChartLooks(palette(), ",", ".")
NOW = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)
PERIOD = Period(date(2026, 11, 2), date(2026, 11, 29))

#: What a file says about itself that is PDF/UA.
ACCESSIBLE = b"pdfuaid:part"

#: Cards that draw: bars that lie, stand and are stacked, lines, cells, cohorts and points.
CHARTED = [slug for slug in ROWS if all_cards()[slug].charted]


def shown(slug: str, **more: Any) -> ShownCard:
    known = {"rows": ROWS.get(slug, ()), "request": CardRequest(course="algebra"), "version": "v2"}
    return ShownCard(card=all_cards()[slug], days=28, period=PERIOD, as_of=to_micros(NOW), **(known | more))


def paper_of(*cards: ShownCard, title: str = "Algebra", by: str = "emmy", to: str = "emmy") -> bytes:
    head = PaperHead(title, "How the class is doing.", to_micros(NOW), by, to)
    return print_paper(write_paper(head, [("", cards)]))


@pytest.mark.parametrize("slug", CHARTED)
def test_every_chart_is_drawn_as_vectors_in_the_colours_of_the_light_theme(slug: str) -> None:
    option = shown(slug).option
    assert option
    svg = draw_chart(option, 760, 260, LOOKS)
    assert svg.startswith("<svg")
    assert svg.count("<path") > 3
    assert "var(" not in svg


def test_numbers_on_axes_have_the_separators_of_the_language() -> None:
    option = {
        "xAxis": {"type": "category", "data": ["a"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [12000]}],
    }
    assert ">10.000<" in draw_chart(option, 400, 200, LOOKS._replace(group="."))


def test_a_date_in_arabic_keeps_its_order_on_an_axis() -> None:
    option = {
        "xAxis": {"type": "category", "data": ["02\u200f/03\u200f/2026"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [1]}],
    }
    assert ">02/03/2026<" in draw_chart(option, 400, 200, LOOKS)


def test_a_chart_that_cannot_be_drawn_leaves_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    without_axes = {"series": [{"type": "bar", "data": [1]}]}
    with pytest.raises(ChartNotDrawn):
        draw_chart(without_axes, 400, 200, LOOKS)
    monkeypatch.setattr(type(all_cards()["course_daily"].view), "option", lambda *_: without_axes)
    kinds = [kind for kind, _ in ReadPdf(paper_of(shown("course_daily"))).tags]
    assert "/Table" in kinds
    assert "/Figure" not in kinds


def test_a_page_says_what_it_is_about_and_who_had_it_made_for_whom() -> None:
    pdf = ReadPdf(paper_of(shown("course_daily"), shown("course_lessons"), by="root", to="emmy"))
    for said in (
        "Algebra",
        "Nov 2 – 29, 2026",
        "Filters None",
        "UTC; days are UTC days",
        "Data as of Nov 30, 2026, 08:05 UTC",
        "Made by root for emmy",
        "Active learners: most on",
        f"Fingerprint of the rows: {shown('course_daily').rows_digest}",
    ):
        assert said in pdf.text.replace("\u2009", " ").replace("  ", " "), said
    for number, text in enumerate(pdf.pages, 1):
        assert f"Page {number} of {len(pdf.pages)}" in text


def test_filters_are_printed() -> None:
    narrowed = shown(
        "course_students", request=CardRequest(course="algebra", search="Ada", bucket="struggling")
    )
    text = ReadPdf(paper_of(narrowed)).text
    assert "Filters Name: Ada; Where they stand: Struggling" in text


def test_screen_readers_find_headings_tables_and_what_a_chart_says() -> None:
    pdf = ReadPdf(paper_of(shown("course_daily")))
    kinds = [kind for kind, _ in pdf.tags]
    assert {"/H1", "/H2", "/Figure", "/Table", "/TH", "/TD"} <= set(kinds)
    assert dict(pdf.tags)["/Figure"] == shown("course_daily").summary
    assert pdf.catalog["/Lang"] == "en"
    assert pdf.catalog["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in paper_of(shown("course_daily")) or "pdfuaid" in str(pdf.reader.xmp_metadata)


def test_no_font_of_the_machine_is_used() -> None:
    assert all(name.startswith("NotoSans") for name in ReadPdf(paper_of(shown("course_daily"))).fonts)


@pytest.mark.long
def test_a_long_table_is_cut_and_says_so() -> None:
    row = ROWS["course_daily"][0]
    rows = [row | {"day": date(2026, 1, 1)} for _ in range(5000)]
    pdf = ReadPdf(paper_of(shown("course_daily", rows=rows)))
    assert f"The first {MOST_ROWS} of 5,000 rows. The CSV file has all of them." in pdf.text


def test_small_groups_and_missing_consents_are_as_on_the_screen() -> None:
    hidden = {**ROWS["course_daily"][0], "active_learners": None, "suppressed": True}
    text = ReadPdf(paper_of(shown("course_daily", rows=[hidden, hidden], small_group=5))).text
    assert "too few people" in text
    assert "fewer than 5 people" in text


def test_what_people_typed_is_no_markup() -> None:
    title = '#panic("x") *bold* <label> $x$ @ref'
    assert title in ReadPdf(paper_of(shown("course_daily"), title=title)).text


def test_other_scripts_and_clocks() -> None:
    with speaking("en"), on_clock(UTC):
        pdf = paper_of(shown("course_daily"), title="الجبر للمبتدئين")
    assert "NotoSansArabic-SemiBold" in ReadPdf(pdf).fonts


def test_what_has_no_font_does_not_keep_a_page_from_being_printed() -> None:
    pdf = paper_of(shown("course_daily"), title="数学 and algebra")
    assert "and algebra" in ReadPdf(pdf).text
    assert ACCESSIBLE not in pdf


@pytest.mark.parametrize("slug", ["student_skills", "course_risk", "video_dropoff"])
def test_charts_with_arabic_letters_are_accessible_like_all_others(slug: str) -> None:
    """A letter whose dots are a glyph of their own has no code in a chart."""
    with speaking("ar"):
        assert ACCESSIBLE in paper_of(shown(slug))


def test_in_a_chart_from_the_right_a_number_comes_before_what_it_counts() -> None:
    option = {
        "xAxis": {"type": "category", "data": ["6 أرباع", "02\u200f/03\u200f/2026", "\u2068Algebra\u2069"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [1, 2, 3]}],
    }
    svg = draw_chart(option, 600, 200, LOOKS._replace(from_right=True))
    texts = re.findall(r"<text[^>]*>([^<]*)<", svg)
    assert {"\u200f6 أرباع", "\u200f02\u200f/03\u200f/2026", "Algebra"} <= set(texts)


def test_a_title_that_runs_the_other_way_keeps_its_order_in_a_table() -> None:
    rows = [dict(ROWS["course_lessons"][0], title="1. Chance")]
    with speaking("ar"):
        paper = write_paper(
            PaperHead("Me", "", to_micros(NOW), "ann", "ann"), [("", [shown("course_lessons", rows=rows)])]
        )
    (table,) = [card.table for section in paper.sections for card in section.cards]
    assert table
    assert table.rows[0][0] == "\u20681. Chance\u2069"


@pytest.mark.long
def test_charts_are_turned_on_paper_as_they_are_on_the_screen() -> None:
    """By the text of the script of the pages, on every chart that there is a snapshot of."""
    script = (STATIC / "app.js").read_text("utf-8")
    functions = script.partition("function turn(option)")[2].partition("function keepPlacesRound")[0]
    entry = (
        "function run(text) { const option = JSON.parse(text); turn(option); return JSON.stringify(option); }"
    )
    on_screen = import_module("quickjs").Function("run", f"function turn(option){functions}{entry}")
    turned = 0
    for path in sorted((ROOT / "tests/web/snapshots").glob("*.json")):
        option = json.loads(path.read_text("utf-8"))
        option = option.get("option", option)
        expected = json.loads(on_screen(json.dumps(option)))
        made = turn(option)
        for name in ("xAxis", "yAxis", "grid", "visualMap"):
            assert listed(made.get(name)) == listed(expected.get(name)), (path.name, name)
        assert made.get("legend") == expected.get("legend"), path.name
        turned += made != option
    assert turned > 10


def listed(part: Any) -> list[Any]:
    return [each for each in (part if isinstance(part, list) else [part]) if each]


def test_an_arabic_report_has_its_charts_from_the_right() -> None:
    option = {
        "xAxis": {"type": "category", "data": ["first", "last"]},
        "yAxis": {"type": "value"},
        "series": [{"type": "bar", "data": [1, 2]}],
    }
    places = {}
    for from_right in (False, True):
        svg = draw_chart(option, 400, 200, LOOKS._replace(from_right=from_right))
        texts = re.findall(r"<text[^>]*translate\(([\d.]+)[^>]*>(first|last)<", svg)
        places[from_right] = [word for _, word in sorted((float(at), word) for at, word in texts)]
    assert places == {False: ["first", "last"], True: ["last", "first"]}


def test_kinds_of_goals_are_words_on_paper() -> None:
    row = {each.name: None for each in all_cards()["student_goals"].columns}
    goals = [row | {"kind": "weekly_minutes", "minutes": 60}, row | {"kind": "finish_course"}]
    head = PaperHead("Me", "", to_micros(NOW), "ann", "ann")
    (card,) = write_paper(head, [("", [shown("student_goals", rows=goals)])]).sections[0].cards
    assert card.table is not None
    cells = {text for line in card.table.rows for text in line}
    assert {"goal of a week", "goal of a course"} <= cells
    assert not {"weekly_minutes", "finish_course"} & cells
