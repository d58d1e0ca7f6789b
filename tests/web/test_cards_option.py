"""Charts are pure: the same rows give the same option, and the option is JSON that the page can trust."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.reader import Rows
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.render import templates
from tests.web.rows import ROWS

SNAPSHOTS = Path(__file__).parent / "snapshots"
CARDS = all_cards()
DRAWN = sorted(slug for slug, card in CARDS.items() if card.charted)


def option_of(slug: str, rows: Rows) -> Option | None:
    card = CARDS[slug]
    return card.view.option(card, rows)


def draw(slug: str) -> Option:
    drawn = option_of(slug, ROWS[slug])
    assert drawn is not None
    return drawn


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in strings(each)]
    if isinstance(value, list):
        return [text for each in value for text in strings(each)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("slug", DRAWN)
def test_option_is_as_it_was(slug: str) -> None:
    path = SNAPSHOTS / f"{slug}.json"
    text = json.dumps(draw(slug), indent=1, ensure_ascii=False) + "\n"
    if not path.exists():
        path.write_text(text)
        pytest.fail(f"{path.name} was missing and has been written: look at it, then run again")
    assert text == path.read_text(), f"if the change is meant, delete {path.name} and run again"


def test_work_without_a_score_is_no_empty_chart() -> None:
    assert option_of("student_assessments", ROWS["student_assessments"][2:]) is None


@pytest.mark.parametrize("slug", DRAWN)
def test_colors_are_names_of_the_theme(slug: str) -> None:
    css = (Path(__file__).parents[2] / "src/coursepulse/web/static/app.css").read_text()
    named = {text[4:-1] for text in strings(draw(slug)) if text.startswith("var(")}
    assert all(f"  {name}: " in css for name in named)
    assert not [text for text in strings(draw(slug)) if text.startswith("#")]


@pytest.mark.parametrize("slug", DRAWN)
def test_tooltips_need_no_html(slug: str) -> None:
    assert draw(slug)["tooltip"]["renderMode"] == "richText"


@pytest.mark.parametrize("slug", DRAWN)
def test_columns_are_the_fields_of_the_rows(slug: str) -> None:
    fields = set(ROWS[slug][0])
    assert {column.name for column in CARDS[slug].columns} <= fields


def test_learners_without_a_score_have_a_row_of_their_own_and_are_not_placed_at_zero() -> None:
    points = [
        (series.get("yAxisIndex", 0), point["value"])
        for series in draw("course_risk")["series"]
        for point in series["data"]
    ]
    assert points == [(0, [12.0, 48.0]), (0, [0, 70.0]), (1, [50.0, 0])]
    assert draw("course_risk")["yAxis"][1]["data"] == ["No score yet"]


def test_a_matrix_in_which_all_have_scores_needs_no_second_part() -> None:
    scored = tuple(row for row in ROWS["course_risk"] if row["score_pct"] is not None)
    drawn = option_of("course_risk", scored)
    assert drawn is not None
    assert isinstance(drawn["yAxis"], dict)


def test_nobody_is_missing_from_the_matrix() -> None:
    points = [point for series in draw("course_risk")["series"] for point in series["data"]]
    assert len(points) == len(ROWS["course_risk"])


def test_every_sort_is_a_column() -> None:
    for card in CARDS.values():
        columns = {column.name for column in card.columns}
        assert {way.lstrip("-") for way in card.sort_orders if way} <= columns, card.slug


@pytest.mark.parametrize("slug", sorted(slug for slug, card in CARDS.items() if card.view.most))
def test_a_chart_without_room_for_all_rows_says_so(slug: str) -> None:
    card, row = CARDS[slug], ROWS[slug][0]
    most = card.view.most

    def read(number: int) -> str:
        shown = ShownCard(card=card, request=CardRequest(), days=28, rows=(row,) * number)
        return templates().get_template("cards/chart.html").render(shown=shown)

    assert f"The chart shows {most} of {most + 36}." in read(most + 36)
    assert "The chart shows" not in read(most)


def test_words_in_the_quadrants_have_room_on_a_narrow_screen() -> None:
    """Two side by side are wider than a telephone: the right ones stand lower."""
    (areas,) = [
        series["markArea"]["data"] for series in draw("course_risk")["series"] if "markArea" in series
    ]
    assert {(low["coord"][0] > 0, low["label"]["position"] == "insideBottom") for low, _ in areas} == {
        (False, False),
        (True, True),
    }
