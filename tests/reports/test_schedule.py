"""When reports are due, on the clock of their reader."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from coursepulse.kit.clock import from_micros, to_micros
from coursepulse.reports.schedule import LETTER_RHYTHM, ReportKind, ReportSchedule, Rhythm, find_next

BERLIN = ZoneInfo("Europe/Berlin")


def next_after(rhythm: Rhythm, zone: ZoneInfo, *moment: int) -> str:
    found = find_next(rhythm, zone, to_micros(datetime(*moment, tzinfo=UTC)))  # type: ignore[misc,arg-type]
    return from_micros(found).astimezone(zone).strftime("%a %Y-%m-%d %H:%M")


def test_the_letter_comes_on_monday_morning_on_the_clock_of_its_reader() -> None:
    # 05:59 UTC on Monday is 06:59 in Berlin and 14:59 in Tokyo.
    assert next_after(LETTER_RHYTHM, BERLIN, 2026, 11, 30, 5, 59) == "Mon 2026-11-30 07:00"
    assert next_after(LETTER_RHYTHM, BERLIN, 2026, 11, 30, 6, 0) == "Mon 2026-12-07 07:00"
    assert next_after(LETTER_RHYTHM, ZoneInfo("Asia/Tokyo"), 2026, 11, 30, 5, 59) == "Mon 2026-12-07 07:00"


@pytest.mark.parametrize(
    ("day", "moment", "due"),
    [
        (31, (2026, 2, 3, 0), "Sat 2026-02-28 08:00"),
        (30, (2028, 2, 3, 0), "Tue 2028-02-29 08:00"),
        (31, (2026, 4, 30, 9), "Sun 2026-05-31 08:00"),
        (1, (2026, 12, 1, 6), "Tue 2026-12-01 08:00"),
        (1, (2026, 12, 1, 7), "Fri 2027-01-01 08:00"),
    ],
)
def test_a_day_that_a_month_lacks_is_its_last(day: int, moment: tuple[int, ...], due: str) -> None:
    assert next_after(Rhythm(month_day=day, hour=8), BERLIN, *moment) == due


def test_an_hour_that_summer_time_skips_is_an_hour_later() -> None:
    rhythm = Rhythm(weekday=6, hour=2)
    assert next_after(rhythm, BERLIN, 2026, 3, 28, 12) == "Sun 2026-03-29 03:00"


def test_a_page_about_a_student_knows_whom_it_is_about() -> None:
    student = "018f3a52-9c41-7c1e-8a44-0a6b7f6f2d10"

    def about(address: str) -> bytes | None:
        rhythm = Rhythm(weekday=0, hour=7)
        return ReportSchedule(
            report_id="", account_id="", kind=ReportKind.PAGE, rhythm=rhythm, address=address
        ).student_id

    assert about(f"/courses/a/students/{student}?days=7") == about(f"/students/{student}")
    assert about(f"/students/{student}") is not None
    assert about("/courses/a") is None
    assert about("/students/nobody") is None
