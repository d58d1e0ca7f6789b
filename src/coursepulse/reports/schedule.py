"""Reports that are sent at regular times, as values. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from coursepulse.campus.zones import find_zone
from coursepulse.kit.clock import Micros, from_micros, to_micros
from coursepulse.kit.ids import is_uuid

#: The pseudonym in the address of a page about a student.
_STUDENT = re.compile(r"/students/([^/?#]+)")

#: No weekday and no day of a month is further away.
_FARTHEST = 62


class ReportKind(StrEnum):
    """What is sent: a page of the screens, or the weekly letter."""

    PAGE = "page"
    LETTER = "letter"


class ReportForm(StrEnum):
    """How a page comes: as a file that is attached, or only as a link to it."""

    PDF = "pdf"
    CSV = "csv"
    LINK = "link"


class Rhythm(msgspec.Struct, frozen=True, kw_only=True):
    """When a report is sent: each week or each month.

    :param weekday: from Monday, 0; None for a day of the month
    :param month_day: 1 to 31; in shorter months the last
    :param hour: of the local clock
    :param time_zone: an IANA name; empty for that of the person on the roster
    """

    hour: int
    weekday: int | None = None
    month_day: int | None = None
    time_zone: str = ""

    def falls_on(self, day: date) -> bool:
        """Whether this is one of its days."""
        if self.weekday is not None:
            return day.weekday() == self.weekday
        last = (day + timedelta(days=1)).month != day.month
        return day.day == self.month_day or (last and day.day < (self.month_day or 0))


#: The weekly letter comes on Monday morning.
LETTER_RHYTHM = Rhythm(weekday=0, hour=7)


class ReportSchedule(msgspec.Struct, frozen=True, kw_only=True):
    """One report of one person.

    :param account_id: who gets it, under whose rights it is made
    :param address: of the page, without the host; empty for a letter
    :param trouble: why it rests, where nobody has paused it
    :param created_by: the account or key that made it
    """

    report_id: str
    account_id: str
    kind: ReportKind
    rhythm: Rhythm
    title: str = ""
    address: str = ""
    form: ReportForm = ReportForm.PDF
    paused: bool = False
    trouble: str = ""
    created_at: Micros = 0
    created_by: str = ""
    next_at: Micros = 0

    @property
    def student_id(self) -> bytes | None:
        """The student whose page it is; None for a page about nobody in particular."""
        found = _STUDENT.search(self.address)
        return UUID(found[1]).bytes if found and is_uuid(found[1]) else None


def new_letter(report_id: str, account_id: str, zone: ZoneInfo, by: str, now: Micros) -> ReportSchedule:
    """The weekly letter of an account, from the next Monday on."""
    return ReportSchedule(
        report_id=report_id,
        account_id=account_id,
        kind=ReportKind.LETTER,
        rhythm=LETTER_RHYTHM,
        form=ReportForm.LINK,
        created_at=now,
        created_by=by,
        next_at=find_next(LETTER_RHYTHM, zone, now),
    )


def zone_of(chosen: str, on_roster: str) -> ZoneInfo:
    """The clock that the hours of a report are on."""
    return find_zone(chosen) or find_zone(on_roster) or ZoneInfo("UTC")


def find_next(rhythm: Rhythm, zone: ZoneInfo, now: Micros) -> Micros:
    """The next moment after ``now`` at which a report with this rhythm is due."""
    return next(at for at in _moments(rhythm, zone, now) if at > now)


def _moments(rhythm: Rhythm, zone: ZoneInfo, now: Micros) -> Iterator[Micros]:
    today = from_micros(now).astimezone(zone).date()
    for offset in range(_FARTHEST):
        day = today + timedelta(days=offset)
        if rhythm.falls_on(day):
            # An hour that the change to summer time skips is an hour later; one that comes twice counts once.
            at = datetime(day.year, day.month, day.day, rhythm.hour, tzinfo=zone)
            yield to_micros(at.astimezone(UTC))
