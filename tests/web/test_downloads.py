"""Files of cards: for programs, and for people who open them in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import Any

from litestar import Response

from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.period import Period
from coursepulse.metrics.metric import Unit
from coursepulse.web.dashboards.downloads import as_csv, file_name
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from tests.web.rows import ROWS

PERIOD = Period(date(2026, 11, 2), date(2026, 11, 29))
AS_OF = 1_793_628_300_123_456


def shown(slug: str, **more: Any) -> ShownCard:
    known = {"rows": ROWS.get(slug, ()), "request": CardRequest(course="code 102/ß", days=28)}
    return ShownCard(card=all_cards()[slug], days=28, period=PERIOD, as_of=AS_OF, **(known | more))


def lines(answer: Response[str]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content)))


def test_a_file_is_named_after_its_card_its_course_and_its_days() -> None:
    assert file_name(shown("course_daily")) == "course_daily_code-102-_2026-11-02--2026-11-29.csv"
    assert file_name(shown("course_lessons")) == "course_lessons_code-102-_to-2026-11-29.csv"


def test_what_a_program_reads_has_period_zone_and_age_in_its_headers() -> None:
    answer = as_csv(shown("course_daily"), for_sheet=False)
    headers = {name: answer.headers[name] for name in ("Period", "Time-Zone", "Latest-Data-At")}
    assert headers == {
        "Period": "2026-11-02--2026-11-29",
        "Time-Zone": "UTC",
        "Latest-Data-At": "2026-11-02T14:05:00Z",
    }
    assert answer.media_type == "text/csv"
    assert answer.content.startswith("day,")


def test_what_a_spreadsheet_opens_is_marked_and_says_what_it_is_about() -> None:
    answer = as_csv(shown("course_daily"), for_sheet=True)
    assert answer.content.startswith("\ufeffday,")
    rows, about = lines(answer)[1:3], lines(answer)[4:]
    assert [row[0] for row in rows] == ["2026-03-02", "2026-03-03"]
    assert about == [
        ["Card", "Day by day"],
        ["Period (UTC days)", "2026-11-02--2026-11-29"],
        ["Time zone", "UTC"],
        ["Data as of", "2026-11-02T14:05:00Z"],
    ]


def test_cells_are_as_precise_as_people_read_them() -> None:
    row = ROWS["course_daily"][0] | {"time_spent": 24383.717345}
    assert lines(as_csv(shown("course_daily", rows=(row,)), for_sheet=False))[1][2] == "24384"
    watched = ROWS["student_videos"][0] | {"watched_pct": 62.512345}
    assert lines(as_csv(shown("student_videos", rows=(watched,)), for_sheet=False))[1][3] == "62.51"
    figure = {
        "name": "time_spent",
        "value": 9.87,
        "whole": 9.87,
        "before": None,
        "kind": "seconds",
        "unit": Unit.SECONDS,
    }
    assert lines(as_csv(shown("student_headline", rows=(figure,)), for_sheet=False))[1][1] == "10"


def test_lists_and_moments_are_no_json() -> None:
    assert lines(as_csv(shown("course_assessments"), for_sheet=False))[1][6] == "0; 0; 0; 1; 0; 0; 0; 1; 2; 0"
    at = datetime(2026, 11, 2, 14, 5, 3, 999999, UTC)
    row = dict.fromkeys(each.name for each in all_cards()["course_students"].columns) | {
        "last_activity_at": at
    }
    written = lines(as_csv(shown("course_students", rows=(row,)), for_sheet=False))[1]
    assert "2026-11-02T14:05:03Z" in written
