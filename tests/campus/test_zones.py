"""Time zones as tables: the same answer as the tz database, at any moment."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.campus.zones import list_offsets

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
]
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 1))  # noqa: DTZ001


@pytest.mark.parametrize("zone", ZONES)
@given(moment=MOMENTS)
def test_offsets_are_those_of_the_tz_database(zone: str, moment: datetime) -> None:
    at = moment.replace(tzinfo=UTC)
    starts, offsets = list_offsets(zone)
    offset = offsets[bisect_right(starts, at) - 1]
    assert timedelta(seconds=offset) == at.astimezone(ZoneInfo(zone)).utcoffset()


def test_a_change_is_found_to_the_second() -> None:
    starts, _ = list_offsets("Europe/Berlin")
    assert datetime(2026, 3, 29, 1, tzinfo=UTC) in starts
