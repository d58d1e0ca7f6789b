"""What day it is for a learner."""

from __future__ import annotations

from datetime import date, tzinfo

from coursepulse.kit.clock import Micros, from_micros


def local_today(now: Micros, zone: tzinfo) -> date:
    """The calendar day that ``now`` is in ``zone``."""
    return from_micros(now).astimezone(zone).date()
