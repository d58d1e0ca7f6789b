"""Charts are pure: the same rows give the same option, and the option is JSON that the page can trust."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.chart import Option
from coursepulse.dashboards.extremes import SO_FAR
from coursepulse.dashboards.language import languages, speaking
from coursepulse.dashboards.reader import Rows
from coursepulse.dashboards.text import say
from coursepulse.dashboards.views.triangle import _end_of
from coursepulse.metrics.metric import Unit
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.render import templates
from tests.web.rows import NEXT, ROWS

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


def test_a_crowd_is_drawn_by_its_number() -> None:
    """Five thousand points would cover each other, and weigh megabytes."""
    one = ROWS["course_risk"][0]
    rows = [
        one | {"engagement_score": number % 100, "score_pct": number % 7 * 15.0} for number in range(5000)
    ]
    rows += [one | {"engagement_score": None, "bucket": "on_track"}] * 30 + [one | {"score_pct": 100.0}]
    drawn = option_of("course_risk", rows)
    assert drawn is not None
    points = [point for series in drawn["series"] for point in series["data"]]
    assert len(points) < 200
    told = sum(int(point["tip"].split("\n")[0].rpartition(": ")[2]) for point in points)
    assert told == len(rows)
    assert len({point["symbolSize"] for point in points}) > 1
    assert any("not active in the last seven days" in point["tip"] for point in points)
    assert "Engagement 10–20, mean score 90–100" in "".join(point["tip"] for point in points)


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
    assert points == [(0, [12.0, 48.0]), (1, [10.0, 70.0]), (2, [50.0, 10.0])]
    names = [axis["name"] for axis in draw("course_risk")["yAxis"]]
    assert names == ["", "Score", "No\nscore\nyet"]
    assert [axis["name"] for axis in draw("course_risk")["xAxis"]] == [
        "",
        "Not\nactive",
        "Engagement (0–100)",
    ]


def test_a_matrix_in_which_all_have_both_measures_needs_no_other_part() -> None:
    scored = tuple(row | {"score_pct": 70.0, "engagement_score": 30.0} for row in ROWS["course_risk"])
    drawn = option_of("course_risk", scored)
    assert drawn is not None
    assert [len(drawn[each]) for each in ("grid", "xAxis", "yAxis")] == [1, 1, 1]


def test_those_who_have_one_measure_only_stand_side_by_side() -> None:
    silent = tuple(ROWS["course_risk"][1] | {"name": f"Silent {number}"} for number in range(5))
    drawn = option_of("course_risk", silent)
    assert drawn is not None
    places = [tuple(point["value"]) for series in drawn["series"] for point in series["data"]]
    assert len(set(places)) == 5
    assert {up for _, up in places} == {70.0}


def test_the_quadrants_are_cut_where_the_rule_is() -> None:
    for low in (60, 45):
        drawn = option_of("course_risk", tuple(row | {"low_score": low} for row in ROWS["course_risk"]))
        assert drawn is not None
        (cross,) = [series["markLine"]["data"] for series in drawn["series"] if "markLine" in series]
        assert [line.get("xAxis", line.get("yAxis")) for line in cross] == [50, low]
        (areas,) = [series["markArea"]["data"] for series in drawn["series"] if "markArea" in series]
        assert {corner["coord"][1] for area in areas for corner in area} == {-20, low, 120}


def test_nobody_is_missing_from_the_matrix() -> None:
    points = [point for series in draw("course_risk")["series"] for point in series["data"]]
    assert len(points) == len(ROWS["course_risk"])


def test_rows_that_can_be_chosen_say_who_and_where() -> None:
    picked = [card for card in CARDS.values() if card.view.picks]
    assert picked
    for card in picked:
        assert {"student_id", "course_id"} <= {column.name for column in card.columns}, card.slug


def test_every_sort_is_a_column() -> None:
    for card in CARDS.values():
        # A list that the metric sorts may be sorted by what stands behind a word.
        columns = {column.name for column in card.columns} | set(card.source.names if card.paged else ())
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


def test_words_in_the_quadrants_stand_where_no_point_can_be_and_fit_a_narrow_screen() -> None:
    """On a telephone a quadrant is about 85 pixels wide, which is 14 letters in any language."""
    (areas,) = [
        series["markArea"]["data"] for series in draw("course_risk")["series"] if "markArea" in series
    ]
    lanes = {(low["coord"][1], high["coord"][1], low["label"]["position"]) for low, high in areas}
    assert lanes == {(60, 120, "insideTop"), (-20, 60, "insideBottom")}
    for language in languages():
        with speaking(language):
            words = [say(f"quadrant.{up}_{far}") for up in ("low", "high") for far in ("low", "high")]
        assert [each for each in words if len(each) > 14] == [], language


def test_engagement_is_the_right_way_up() -> None:
    """The first series lies at the bottom."""
    assert [series["name"] for series in draw("course_engagement")["series"]] == ["Low", "Usual", "High"]


def test_days_on_an_axis_have_words_and_their_year_where_it_is_not_plain() -> None:
    days = (date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1))
    rows = tuple(ROWS["course_daily"][0] | {"day": day} for day in days)
    drawn = option_of("course_daily", rows)
    assert drawn is not None
    assert drawn["xAxis"]["data"] == ["Dec 30, 2026", "Dec 31", "Jan 1, 2027"]


@pytest.mark.parametrize("slug", ["platform_daily", "course_daily", "course_engagement", "platform_cohorts"])
def test_what_is_not_over_says_so_and_looks_different(slug: str) -> None:
    def last(rows: Rows) -> Any:
        drawn = option_of(slug, rows)
        assert drawn is not None
        return drawn["series"][0]["data"][-1]

    over, lasting = last(ROWS[slug]), last((*ROWS[slug][:-1], ROWS[slug][-1] | {SO_FAR: True}))
    assert "not over yet" in lasting["tip"]
    assert "not over yet" not in over["tip"]
    assert lasting | {"tip": ""} != over | {"tip": ""}


def test_a_triangle_has_numbers_a_legend_and_the_size_of_each_group() -> None:
    small = (
        {**ROWS["platform_cohorts"][0], "cohort": NEXT, "learners": 7, "returned": 3, "returned_pct": 43.0},
    )
    drawn = option_of("platform_cohorts", ROWS["platform_cohorts"] + small)
    assert drawn is not None
    cells = drawn["series"][0]["data"]
    assert [cell["label"]["formatter"].replace("\u00a0", " ") for cell in cells] == ["90 %", "55 %", "3"]
    assert [cell.get("visualMap", True) for cell in cells] == [True, True, False]
    assert drawn["yAxis"]["data"] == ["Mar 3\n7 learners", "Mar 2, 2026\n20 learners"]
    assert drawn["visualMap"]["show"]


def test_an_axis_of_positions_ends_where_the_video_does() -> None:
    axis = draw("video_dropoff")["xAxis"]
    assert (axis["min"], axis["max"], axis["clock"]) == (0, 10, True)


def test_a_shape_takes_three_skills_with_a_result() -> None:
    one, two, three = ROWS["student_skills"]
    assert option_of("student_skills", (one, two)) is None
    assert option_of("student_skills", (one, two, {**three, "reached": None})) is None
    alone = option_of("student_skills", (one, two, {**three, "level": None}))
    assert alone is not None
    assert len(alone["series"][0]["data"]) == 1
    assert len(draw("student_skills")["series"][0]["data"]) == 2
    known = tuple({**row, "mastery": 71.0} for row in (one, two, three))
    assert draw("student_skills")["series"][0]["data"][0]["value"] == [80.0, 45.5, 62.0]
    shape = option_of("student_skills", known)
    assert shape is not None
    assert shape["series"][0]["data"][0]["value"] == [71.0] * 3


SAYS = {
    "platform_active": "In 30 days: most on Mar 2, 2026 (12), fewest on Mar 2, 2026 (12).",
    "platform_devices": "Active learners: most for Desktop (7), least for Unknown (2).",
    "platform_completion_ranks": (
        "Best is Chance, with at least 81 %; weakest is Testing, with at most 41 %."
    ),
    "system_ingest": "Events: most on Mar 2, 2026, 10:01 UTC (40), fewest on Mar 2, 2026, 10:02 UTC (2).",
    "platform_map": "Active learners in 2 countries, most in Germany (7).",
    "platform_score_ranks": "Chance lies between 66 % and 74 %.",
    "platform_countries": "Active learners: most for Germany (7), least for Unknown (2).",
    "platform_daily": "Active learners: most on Mar 2, 2026 (12), fewest on Mar 3, 2026 (0).",
    "platform_events": "Events: most for Video played (40), least for Quiz begun (2).",
    "platform_cohorts": "Week 1: 55 % came back (11 of 20).",
    "student_activity": "Quarter-hours: most at Mon, 8:00 (3 quarter-hours).",
    "student_calendar": "Learning on 2 of 3 days, most on Mar 2, 2026 (5 quarter-hours).",
    "student_skills": "Strongest in logic (80 %), weakest in sets (46 %).",
    "student_videos": "Watched of Chance: 62 %.",
    "student_assessments": "1 of 2 have reached their mark. The lowest is Failed quiz (31 %).",
    "team_weeks": "Active members: most on Mar 9, 2026 (15), fewest on Mar 2, 2026 (12).",
    "team_training_done": "Done %: most for Fire safety (76 %), least for Data protection (44 %).",
    "team_budget_burn": "Spent %: most for Operations (104 %), least for Whole company (69 %).",
    "team_skill_gap": "Reached %: most for Fire safety (75 %), least for statistics (40 %).",
    "course_daily": "Active learners: most on Mar 2, 2026 (3), fewest on Mar 3, 2026 (0).",
    "course_risk": "1 of 3 are struggling, 1 have no score yet, and 1 were not active in the last seven days.",
    "course_engagement": "Week of Mar 2, 2026: Low 2, Usual 5, High 1.",
    "course_mastery": "Mastery: most for First quiz (82 %), least for sets (42 %).",
    "course_lessons": "Completed: the largest step down is from Chance (18) to Testing (4).",
    "course_assessments": "“First quiz” has the most low scores: 25 % are below 50 %.",
    "video_moments": "Most pause at 0:00 (3), and most jump to 0:05 (2).",
    "video_dropoff": "Viewers: 10 at the beginning, 8 at the end. The largest step down is at 0:05: 2 fewer.",
}


@pytest.mark.parametrize("slug", DRAWN)
def test_every_chart_says_what_stands_out(slug: str) -> None:
    assert CARDS[slug].view.summary(CARDS[slug], ROWS[slug]).replace("\u00a0", " ") == SAYS[slug]


@pytest.mark.parametrize("slug", DRAWN)
def test_a_chart_of_hidden_numbers_still_has_its_sentence(slug: str) -> None:
    named = {column.name for column in CARDS[slug].columns if column.unit in (Unit.COUNT, Unit.PERCENT)}
    axes = {"period", "quarters"}
    hidden = tuple(row | dict.fromkeys(named - axes) for row in ROWS[slug])
    assert CARDS[slug].view.summary(CARDS[slug], hidden if slug != "student_activity" else ())


def test_cohorts_by_month_say_months_and_people() -> None:
    first, second = (row | {"step": "month", "measure": "people"} for row in ROWS["platform_cohorts"])
    drawn = option_of("platform_cohorts", (first, second))
    assert drawn
    assert drawn["xAxis"]["data"] == ["Month 0", "Month 1"]
    assert [cell["label"]["formatter"] for cell in drawn["series"][0]["data"]] == ["18", "11"]
    assert "in the month of" in drawn["series"][0]["data"][1]["tip"]


@pytest.mark.parametrize(
    ("step", "period", "end"),
    [
        ("week", 0, date(2026, 12, 8)),
        ("week", 2, date(2026, 12, 22)),
        ("month", 0, date(2027, 1, 1)),
        ("month", 2, date(2027, 3, 1)),
    ],
)
def test_a_period_is_over_on_the_day_after_its_last(step: str, period: int, end: date) -> None:
    assert _end_of(date(2026, 12, 1), period, step) == end


def test_the_line_of_today_is_dashed_and_no_plunge() -> None:
    rows = (*ROWS["course_daily"], ROWS["course_daily"][-1] | {"day": date(2026, 3, 4), SO_FAR: True})
    drawn = option_of("course_daily", rows)
    assert drawn is not None
    bars, line, so_far = drawn["series"]
    assert [series["type"] for series in (bars, line, so_far)] == ["bar", "line", "line"]
    assert line["name"] == so_far["name"]
    assert [point["value"] for point in line["data"]] == [2.0, 0.0, None]
    assert [point["value"] for point in so_far["data"]] == [None, 0.0, 0.0]
    assert (so_far["lineStyle"]["type"], line["lineStyle"].get("type")) == ("dashed", None)
    # Each point says once what it is.
    assert [["tip" in point for point in series["data"]] for series in (line, so_far)] == [
        [True, True, False],
        [False, False, True],
    ]
