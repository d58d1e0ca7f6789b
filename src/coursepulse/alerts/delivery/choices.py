"""When an account wants its alerts by e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from coursepulse.kit.clock import MINUTE, Micros, from_micros, to_micros


class Pace(StrEnum):
    """How often alerts that are not urgent are sent. Urgent ones are sent at once, except when the pace is off."""

    OFF = "off"
    DAILY = "daily"
    HOURLY = "hourly"
    AT_ONCE = "at_once"


class MailChoice(msgspec.Struct, frozen=True, kw_only=True):
    """What an account has chosen.

    :param hour: local hour of the daily digest
    :param quiet_from: the local hour at which quiet begins; None for no quiet hours
    :param quiet_until: the local hour at which it ends, possibly on the next day
    :param time_zone: IANA name; empty for that of the person on the roster
    :param language: of the mails; empty for that of the account
    """

    pace: Pace
    hour: int = 8
    quiet_from: int | None = None
    quiet_until: int | None = None
    time_zone: str = ""
    language: str = ""


def find_due(choice: MailChoice, zone: ZoneInfo, now: Micros, *, urgent: bool) -> Micros | None:
    """When an alert raised now is to be sent, to the minute; None for never."""
    if choice.pace is Pace.OFF:
        return None
    if urgent or choice.pace is Pace.AT_ONCE:
        due = now
    elif choice.pace is Pace.HOURLY:
        due = _next_full_hour(zone, now)
    else:
        due = _next_hour(choice.hour, zone, now)
    return after_quiet(choice, zone, due - due % MINUTE)


def after_quiet(choice: MailChoice, zone: ZoneInfo, at: Micros) -> Micros:
    """``at``, or the end of the quiet hours that it falls into."""
    start, end = choice.quiet_from, choice.quiet_until
    if start is None or end is None:
        return at
    hour = from_micros(at).astimezone(zone).hour
    quiet = start <= hour < end if start < end else hour >= start or hour < end
    return _next_hour(end, zone, at) if quiet else at


def _next_full_hour(zone: ZoneInfo, now: Micros) -> Micros:
    # By the local clock: a zone may be half an hour off.
    local = from_micros(now).astimezone(zone)
    past = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return now + (timedelta(hours=1) - past) // timedelta(microseconds=1)


def _next_hour(hour: int, zone: ZoneInfo, now: Micros) -> Micros:
    """The next moment at which the local clock shows this hour."""
    day = from_micros(now).astimezone(zone).date()
    for offset in range(3):
        # An hour that the change to summer time skips is an hour later; one that comes twice counts once.
        at = datetime(day.year, day.month, day.day, hour, tzinfo=zone) + timedelta(days=offset)
        if (found := to_micros(at.astimezone(UTC))) > now:
            return found
    raise AssertionError("no day is longer than two")
