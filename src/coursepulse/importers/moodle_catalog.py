"""Courses, activities, due dates and people from Moodle's tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from coursepulse.campus.courses import Assessment, AssessmentKind, Course, Lesson
from coursepulse.campus.people import Person, PlatformRole
from coursepulse.formats.moodle.fields import Row, course_of, is_yes, later
from coursepulse.formats.moodle.site import ASSIGN, QUIZ, Site

#: The pass mark if the gradebook has none.
_PASS_MARK = 60.0
#: Roles of people who teach or run courses.
_TEACHING = frozenset({"manager", "coursecreator", "editingteacher", "teacher"})

Tables = Mapping[str, Sequence[Row]]
Titles = Mapping[tuple[str, str], str]


class People:
    """The users.

    :param time_zone: of users who have the server's time zone
    :param names: names in reports, of users who are in no table
    """

    def __init__(self, tables: Tables, time_zone: str, names: Mapping[str, str]) -> None:
        self._names = names
        self._users = {row["id"]: row for row in tables.get("user", ())}
        self._time_zone = time_zone
        roles = {row["id"]: row.get("shortname", "") for row in tables.get("role", ())}
        held: dict[str, set[str]] = defaultdict(set)
        for row in tables.get("role_assignments", ()):
            held[row["userid"]].add(roles.get(row["roleid"], ""))
        self._teaching = {
            user for user, roles in held.items() if roles & _TEACHING and "student" not in roles
        }

    def person(self, student: str) -> Person:
        """A learner, or a teacher who is not a learner anywhere."""
        row = self._users.get(student, {})
        name = f"{row.get('firstname', '')} {row.get('lastname', '')}".strip()
        zone = row.get("timezone", "")
        return Person(
            external_id=student,
            name=(name or self._names.get(student, ""))[:200],
            time_zone=zone if "/" in zone else self._time_zone,
            role=PlatformRole.INSTRUCTOR if student in self._teaching else PlatformRole.STUDENT,
        )


class MoodleCatalog:
    """The courses of the table ``course``, with details from the other tables.

    Activities are listed only if the table of modules is given; a log has only the opened ones.

    :param titles: of activities, by plugin and the activity's own id
    :param zone: the time zone of Moodle's days
    """

    def __init__(self, tables: Tables, site: Site, titles: Titles, zone: ZoneInfo) -> None:
        self._tables, self._site, self._titles, self._zone = tables, site, titles, zone
        self._modules = _group(tables.get("course_modules", ()))
        self._sections = _group(tables.get("course_sections", ()))
        self._marks = {
            (item.kind, item.instance): 100.0 * (item.mark - item.low) / (item.high - item.low)
            for item in site.items.values()
            if item.mark > item.low and item.high > item.low
        }

    def courses(self) -> list[Course]:
        """All courses except the front page of the site, which is course 1."""
        rows = [row for row in self._tables.get("course", ()) if course_of(row["id"])]
        return [self._course(row) for row in rows]

    def _course(self, row: Row) -> Course:
        starts_on, ends_on = self._day(row.get("startdate", "")), self._day(row.get("enddate", ""))
        return Course(
            course_id=row["id"],
            title=row["fullname"][:300],
            starts_on=starts_on,
            ends_on=ends_on if starts_on and ends_on and ends_on >= starts_on else None,
            lessons=tuple(self._lessons(row["id"])),
            assessments=tuple(self._assessments(row["id"])),
        )

    def _day(self, value: str) -> date | None:
        moment = later(value)
        return moment.astimezone(self._zone).date() if moment else None

    def _lessons(self, course_id: str) -> list[Lesson]:
        """In the order of the page. If Moodle tracks completion, an untracked activity is not a lesson:
        nobody could ever complete it."""
        rows = [row for row in self._modules[course_id] if self._is_open(row)]
        tracked = [row for row in rows if is_yes(row.get("completion", ""))]
        places = self._places(course_id)
        ordered = sorted(
            tracked or rows, key=lambda row: (places.get(row["id"], len(places)), int(row["id"]))
        )
        return [Lesson(lesson_id=row["id"], title=self._title(row)) for row in ordered]

    def _is_open(self, row: Row) -> bool:
        kind = self._site.kind_of(row["id"])
        gone = is_yes(row.get("deletioninprogress", "")) or row.get("visible", "1") == "0"
        return bool(kind) and self._site.is_lesson(kind) and not gone

    def _title(self, row: Row) -> str:
        return self._titles.get((self._site.kind_of(row["id"]), row["instance"]), "")[:300]

    def _places(self, course_id: str) -> dict[str, int]:
        sections = sorted(self._sections[course_id], key=lambda row: int(row["section"] or 0))
        listed = ",".join(row["sequence"] for row in sections).split(",")
        return {cm: place for place, cm in enumerate(filter(None, listed))}

    def _assessments(self, course_id: str) -> list[Assessment]:
        return [
            self._assessment(kind, row, due)
            for kind, due in ((QUIZ, ("timeclose",)), (ASSIGN, ("duedate", "cutoffdate")))
            for row in self._tables.get(kind, ())
            if row["course"] == course_id
        ]

    def _assessment(self, kind: str, row: Row, due: Sequence[str]) -> Assessment:
        moments = filter(None, (later(row.get(column, "")) for column in due))
        return Assessment(
            assessment_id=self._site.activity(kind, row["id"]),
            title=row.get("name", "")[:300],
            kind=AssessmentKind.QUIZ if kind == QUIZ else AssessmentKind.ASSIGNMENT,
            pass_mark=min(100.0, self._marks.get((kind, row["id"]), _PASS_MARK)),
            due_at=next(moments, None),
        )


def _group(rows: Sequence[Row]) -> defaultdict[str, list[Row]]:
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["course"]].append(row)
    return found
