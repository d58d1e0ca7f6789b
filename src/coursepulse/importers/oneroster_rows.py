"""Converts rows of OneRoster to rows of the roster, using the rows before them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from coursepulse.campus.courses import Course
from coursepulse.campus.enrolments import Enrolment, Status, Teaching
from coursepulse.campus.organisations import Organisation
from coursepulse.campus.people import Person, PlatformRole
from coursepulse.formats.oneroster import (
    DateRange,
    FileMode,
    Row,
    UserKind,
    is_removed,
    kind_of,
    list_of,
    period_of,
    wrong_word,
)
from coursepulse.formats.outcome import Refused, Skip, Skipped, invalid, missing

#: The longest name and title that the roster allows.
_NAME, _TITLE = 200, 300

_ROLES = {
    UserKind.STUDENT: PlatformRole.STUDENT,
    UserKind.TEACHER: PlatformRole.INSTRUCTOR,
    UserKind.STAFF: PlatformRole.STAFF,
}

Found = Organisation | Person | Course | Enrolment | Teaching | Skipped | Refused


class _Post(NamedTuple):
    """A role and its organisation."""

    kind: UserKind
    organisation: str


class Book:
    """Converts each row, and keeps what later rows refer to.

    :param id_column: the column of ``users`` with the ids that events use
    :param users: whether ``users`` is complete; otherwise people may be known from before
    """

    def __init__(self, today: date, id_column: str, time_zone: str, users: FileMode) -> None:
        self._yesterday = today - timedelta(days=1)
        self._id_column, self._time_zone, self._users = id_column, time_zone, users
        self._gone: set[str] = set()
        self._terms: dict[str, DateRange] = {}
        self._titles: dict[str, str] = {}
        self._posts: dict[str, _Post] = {}
        self._people: dict[str, str] = {}
        self._left: set[str] = set()
        self._here: set[tuple[str, str]] = set()

    def take(self, table: str, row: Row) -> Found | None:
        """The roster's row for a row of a table; None for rows that only others refer to."""
        key = "userSourcedId" if table == "roles" else "sourcedId"
        if not row[key]:
            return missing(f"$.{key}")
        wrong = wrong_word(row)
        if wrong:
            column, word = wrong
            return invalid(f"$.{column}", f"`{word}` is not a {column} of OneRoster.")
        found: Found | None = getattr(self, f"_take_{table}")(row)
        return found

    def external_id(self, user: str) -> str | None:
        """The id of a person in events; None if no row so far has the person and they are not known from before."""
        return self._find_person(user)

    def _take_orgs(self, row: Row) -> Found:
        if is_removed(row):
            self._gone.add(row["sourcedId"])
            return Skipped(Skip.REMOVED)
        return Organisation(organisation_id=row["sourcedId"], name=row["name"][:_NAME])

    def _take_academicSessions(self, row: Row) -> Found | None:  # noqa: N802 - the name of the file
        if is_removed(row):
            return Skipped(Skip.REMOVED)
        try:
            self._terms[row["sourcedId"]] = period_of(row, "startDate", "endDate")
        except ValueError as error:
            return invalid("$.startDate", f"{error}.")
        return None

    def _take_courses(self, row: Row) -> Found | None:
        self._titles[row["sourcedId"]] = row["title"]
        return None

    def _take_roles(self, row: Row) -> Found | None:
        user = row["userSourcedId"]
        try:
            kind, period = kind_of(row["role"]), period_of(row, "beginDate", "endDate")
        except ValueError as error:
            return invalid("$.role", f"{error}.")
        if is_removed(row) or (period.ends_on and period.ends_on <= self._yesterday):
            return Skipped(Skip.REMOVED)
        if row["roleType"] == "primary" or user not in self._posts:
            self._posts[user] = _Post(kind, row["orgSourcedId"])
        return None

    def _take_users(self, row: Row) -> Found:
        user, external_id = row["sourcedId"], row.get(self._id_column, "")
        if not external_id:
            return missing(f"$.{self._id_column}")
        self._people[user] = external_id
        if is_removed(row):
            self._left.add(user)
            return Skipped(Skip.REMOVED)
        try:
            post = self._post_of(row)
        except ValueError as error:
            return invalid("$.role", f"{error}.")
        if post.kind is UserKind.OTHER:
            return Skipped(Skip.NOT_MAPPED)
        return Person(
            external_id=external_id,
            name=f"{row['givenName']} {row['familyName']}".strip()[:_NAME],
            email=row["email"],
            time_zone=self._time_zone,
            role=_ROLES[post.kind],
            organisation_id="" if post.organisation in self._gone else post.organisation,
        )

    def _post_of(self, row: Row) -> _Post:
        """Roles from the row itself in version 1.1, from ``roles`` in version 1.2."""
        if "role" in row:
            return _Post(kind_of(row["role"]), next(iter(list_of(row["orgSourcedIds"])), ""))
        post = self._posts.get(row["sourcedId"])
        if post is None:
            raise ValueError("roles.csv names no role of this user")
        return post._replace(organisation=row["primaryOrgSourcedId"] or post.organisation)

    def _take_classes(self, row: Row) -> Found:
        terms = list_of(row["termSourcedIds"])
        absent = [term for term in terms if term not in self._terms]
        if absent and not is_removed(row):
            return invalid("$.termSourcedIds", f"`{absent[0][:64]}` is not in academicSessions.csv.")
        period = _span([self._terms[term] for term in terms if term in self._terms])
        if is_removed(row):
            period = self._end(period)
        return Course(
            course_id=row["sourcedId"],
            title=(row["title"] or self._titles.get(row["courseSourcedId"], ""))[:_TITLE],
            starts_on=period.starts_on,
            ends_on=period.ends_on,
        )

    def _take_enrollments(self, row: Row) -> Found:
        user, course = row["userSourcedId"], row["classSourcedId"]
        try:
            kind, period = kind_of(row["role"]), period_of(row, "beginDate", "endDate")
        except ValueError as error:
            return invalid("$", f"{error}.")
        if kind not in (UserKind.STUDENT, UserKind.TEACHER):
            return Skipped(Skip.NOT_MAPPED)
        person = self._find_person(user)
        if person is None:
            return invalid("$.userSourcedId", f"`{user[:64]}` is not in users.csv.")
        ended = is_removed(row) or user in self._left
        over = ended or (period.ends_on is not None and period.ends_on <= self._yesterday)
        key = (f"{kind}:{course}", user)
        if over and key in self._here:
            # A person who left and came back: the current row counts.
            return Skipped(Skip.TWIN)
        if not over:
            self._here.add(key)
        if kind is UserKind.TEACHER:
            period = self._end(period) if ended else period
            return Teaching(course_id=course, external_id=person, **period._asdict())
        status = Status.ENDED if ended else Status.ACTIVE
        return Enrolment(course_id=course, external_id=person, status=status, **period._asdict())

    def _find_person(self, user: str) -> str | None:
        known_before = self._users is not FileMode.BULK and self._id_column == "sourcedId"
        return self._people.get(user) or (user if known_before and user else None)

    def _end(self, period: DateRange) -> DateRange:
        """The period, over by now."""
        end = min(period.ends_on or self._yesterday, self._yesterday)
        start = period.starts_on if period.starts_on and period.starts_on <= end else None
        return DateRange(start, end)


def _span(periods: list[DateRange]) -> DateRange:
    """From the first day of all to the last; open if one of them is."""
    starts = [period.starts_on for period in periods]
    ends = [period.ends_on for period in periods]
    return DateRange(
        min((day for day in starts if day), default=None) if all(starts) else None,
        max((day for day in ends if day), default=None) if all(ends) else None,
    )
