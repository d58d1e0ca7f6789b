from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from coursepulse.alerts.delivery.choices import MailChoice, Pace, after_quiet, find_due
from coursepulse.kit.clock import from_micros, to_micros

BERLIN, KATHMANDU = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kathmandu")


def at(text: str) -> int:
    return to_micros(datetime.fromisoformat(text).replace(tzinfo=UTC))


def due(choice: MailChoice, zone: ZoneInfo, now: str, *, urgent: bool = False) -> str:
    found = find_due(choice, zone, at(now), urgent=urgent)
    return "" if found is None else f"{from_micros(found):%Y-%m-%dT%H:%M:%S}"


DAILY = MailChoice(pace=Pace.DAILY, hour=8)
HOURLY = MailChoice(pace=Pace.HOURLY)
AT_ONCE = MailChoice(pace=Pace.AT_ONCE)
NIGHT = MailChoice(pace=Pace.AT_ONCE, quiet_from=22, quiet_until=7)
LUNCH = MailChoice(pace=Pace.AT_ONCE, quiet_from=12, quiet_until=14)


@pytest.mark.parametrize(
    ("choice", "zone", "now", "wanted"),
    [
        (DAILY, BERLIN, "2026-11-10T06:59:59", "2026-11-10T07:00:00"),
        (DAILY, BERLIN, "2026-11-10T07:00:00", "2026-11-11T07:00:00"),
        # Summer time begins and ends: it is eight by the clock on the wall all the same.
        (DAILY, BERLIN, "2026-03-28T12:00:00", "2026-03-29T06:00:00"),
        (DAILY, BERLIN, "2026-10-24T12:00:00", "2026-10-25T07:00:00"),
        # The hour that is left out in spring comes an hour later.
        (MailChoice(pace=Pace.DAILY, hour=2), BERLIN, "2026-03-28T12:00:00", "2026-03-29T01:00:00"),
        (HOURLY, BERLIN, "2026-11-10T06:20:30", "2026-11-10T07:00:00"),
        # A full hour in Kathmandu, 5:45 ahead.
        (HOURLY, KATHMANDU, "2026-11-10T06:20:30", "2026-11-10T07:15:00"),
        (AT_ONCE, BERLIN, "2026-11-10T06:20:30", "2026-11-10T06:20:00"),
        (NIGHT, BERLIN, "2026-11-10T20:59:00", "2026-11-10T20:59:00"),
        (NIGHT, BERLIN, "2026-11-10T21:00:00", "2026-11-11T06:00:00"),
        (NIGHT, BERLIN, "2026-11-11T05:59:00", "2026-11-11T06:00:00"),
        (NIGHT, BERLIN, "2026-11-11T06:00:00", "2026-11-11T06:00:00"),
        # The same moment is not night in Kathmandu.
        (NIGHT, KATHMANDU, "2026-11-11T05:59:00", "2026-11-11T05:59:00"),
        (LUNCH, BERLIN, "2026-11-11T11:30:00", "2026-11-11T13:00:00"),
        (LUNCH, BERLIN, "2026-11-11T13:00:00", "2026-11-11T13:00:00"),
    ],
)
def test_when_a_mail_is_due(choice: MailChoice, zone: ZoneInfo, now: str, wanted: str) -> None:
    assert due(choice, zone, now) == wanted


def test_urgent_alerts_do_not_wait_for_the_digest_but_for_the_end_of_quiet() -> None:
    assert due(DAILY, BERLIN, "2026-11-10T12:00:00", urgent=True) == "2026-11-10T12:00:00"
    quiet = MailChoice(pace=Pace.DAILY, quiet_from=22, quiet_until=7)
    assert due(quiet, BERLIN, "2026-11-10T22:00:00", urgent=True) == "2026-11-11T06:00:00"


def test_nothing_is_due_for_an_account_that_wants_nothing() -> None:
    assert find_due(MailChoice(pace=Pace.OFF), BERLIN, 0, urgent=True) is None


def test_quiet_hours_end_on_the_day_on_which_the_clock_is_put_forward() -> None:
    quiet = MailChoice(pace=Pace.AT_ONCE, quiet_from=22, quiet_until=2)
    assert after_quiet(quiet, BERLIN, at("2026-03-29T00:30:00")) == at("2026-03-29T01:00:00")
