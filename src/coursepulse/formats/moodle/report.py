"""Rows of the log report, the CSV that teachers can download, as rows of the log.

The report is in the language of its downloader, but its descriptions, which contain the ids, are always in English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from coursepulse.formats.moodle.entry import IN_MODULE
from coursepulse.formats.moodle.fields import Row
from coursepulse.formats.moodle.site import QUIZ


class Language(NamedTuple):
    """The form of reports in one language.

    :param name: the language in English, for sentences
    :param columns: names of the columns in lower case; Moodle's own name comes first
    :param months: from January, as their names begin
    :param month_first: whether numeric dates are month, day, year
    :param logged_in_as: the word between the user and the user they are logged in as
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    months: tuple[str, ...]
    month_first: bool
    logged_in_as: str


_ENGLISH = Language(
    name="English",
    columns={
        "time": ("time",),
        "description": ("description",),
        "course": ("course",),
        "person": ("user full name",),
        "event": ("event name",),
        "origin": ("origin",),
    },
    months=("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    month_first=False,
    logged_in_as="as",
)

LANGUAGES: dict[str, Language] = {
    "en": _ENGLISH,
    "en_us": _ENGLISH._replace(name="American English", month_first=True),
    "de": Language(
        name="German",
        columns={
            "time": ("zeit",),
            "description": ("beschreibung",),
            "course": ("kurs",),
            "person": ("vollständiger name", "nutzer/in"),
            "event": ("ereignisname", "ereignis"),
            "origin": ("herkunft", "ursprung", "quelle"),
        },
        months=("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez"),
        month_first=False,
        logged_in_as="als",
    ),
}


def languages_of(columns: frozenset[str]) -> list[str]:
    """The languages in which a file with these columns is a report; none if it is not a report."""
    return [
        code
        for code, language in LANGUAGES.items()
        if all(columns.intersection(language.columns[column]) for column in ("time", "description"))
    ]


def column(row: Row, language: Language, name: str) -> str:
    """A column by its meaning; empty if the report does not have it."""
    return next((row[each] for each in language.columns[name] if each in row), "")


_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[ap]\.?m\.?)?(?:\s*Uhr)?"
_NUMBERS = re.compile(
    rf"(?P<first>\d{{1,2}})[/.](?P<then>\d{{1,2}})[/.](?P<year>\d{{4}}|\d{{2}}),?\s+{_CLOCK}",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"(?:[^\W\d]+,\s*)?(?:(?P<day>\d{{1,2}})\.?\s+(?P<month>[^\W\d]+)\.?|(?P<month_>[^\W\d]+)\s+(?P<day_>\d{{1,2}}),?)"
    rf"\s+(?P<year>\d{{4}}),?\s+{_CLOCK}",
    re.IGNORECASE,
)


def read_date(value: str, language: Language, zone: ZoneInfo) -> datetime:
    """Parses a date as Moodle writes it in a language and time zone.

    :raises ValueError: when it is not a date
    """
    spelled = value.replace("\u202f", " ").replace("\u00a0", " ").strip()
    if numbers := _NUMBERS.fullmatch(spelled):
        day, month = int(numbers["first"]), int(numbers["then"])
        return _at(numbers, (month, day) if not language.month_first else (day, month), zone)
    if words := _WORDS.fullmatch(spelled):
        month = _month(words["month"] or words["month_"], language)
        return _at(words, (month, int(words["day"] or words["day_"])), zone)
    raise ValueError("no date of a report")


def _at(found: re.Match[str], day: tuple[int, int], zone: ZoneInfo) -> datetime:
    """:raises ValueError: for a day or a time that does not exist"""
    year = int(found["year"])
    hour = _hour(int(found["hour"]), found["half"])
    local = datetime(
        year + 2000 if year < 100 else year,
        *day,
        hour,
        int(found["minute"]),
        int(found["second"] or 0),
        tzinfo=zone,
    )
    return local.astimezone(UTC)


def _month(word: str, language: Language) -> int:
    """:raises ValueError: when it is not a month of the language"""
    return language.months.index(word[:3].lower()) + 1


def _hour(hour: int, half: str | None) -> int:
    """:raises ValueError: when it is not an hour of a 12-hour clock"""
    if not half:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError("no hour of a half day")
    return hour % 12 + (12 if half[0].lower() == "p" else 0)


_USER, _FOR, _OF = (
    r"The user with id '(?P<user>-?\d+)'",
    r"the user with id '(?P<related>\d+)'",
    "belonging to ",
)
_COURSE, _CM = r"the course with id '(?P<course>\d+)'", r"(?:the )?course module id '(?P<cm>\d+)'"
_ATTEMPT = r"attempt with id '(?P<thing>\d+)'"
_METHOD = r"(?: using the enrolment method '(?P<enrol>\w+)')?"

#: Patterns of descriptions by event. ``{kind}`` is the plugin in the description.
_SENTENCES: tuple[tuple[str, str], ...] = (
    (rf"{_USER} viewed (?:the section number '\d+' of )?{_COURSE}", r"\core\event\course_viewed"),
    (rf"{_USER} has logged in", r"\core\event\user_loggedin"),
    (rf"{_USER} has logged out", r"\core\event\user_loggedout"),
    (rf"{_USER} enrolled {_FOR}{_METHOD} in {_COURSE}", r"\core\event\user_enrolment_created"),
    (rf"{_USER} unenrolled {_FOR}{_METHOD} from {_COURSE}", r"\core\event\user_enrolment_deleted"),
    (rf"{_USER} completed {_COURSE}", r"\core\event\course_completed"),
    (rf"{_USER} viewed the '(?P<kind>\w+)' activity with {_CM}", r"\mod_{kind}\event\course_module_viewed"),
    (
        rf"{_USER} viewed the chapter with id '(?P<thing>\d+)' for the book with {_CM}",
        r"\mod_book\event\chapter_viewed",
    ),
    (rf"{_USER} has started the {_ATTEMPT} for the quiz with {_CM}", r"\mod_quiz\event\attempt_started"),
    (rf"{_USER} has submitted the {_ATTEMPT} for the quiz with {_CM}", r"\mod_quiz\event\attempt_submitted"),
    (
        rf"{_USER} has viewed the {_ATTEMPT} {_OF}{_FOR} for the quiz with {_CM}",
        r"\mod_quiz\event\attempt_viewed",
    ),
    (
        rf"{_USER} has viewed the summary for the {_ATTEMPT} {_OF}{_FOR} for the quiz with {_CM}",
        r"\mod_quiz\event\attempt_summary_viewed",
    ),
    (
        rf"The user with id '(?P<related>\d+)' has had their {_ATTEMPT} reviewed by the user with id '(?P<user>-?\d+)' "
        rf"for the quiz with {_CM}",
        r"\mod_quiz\event\attempt_reviewed",
    ),
    (
        rf"{_USER} has submitted the submission with id '(?P<thing>\d+)' for the assignment with {_CM}",
        r"\mod_assign\event\assessable_submitted",
    ),
    (
        rf"{_USER} viewed their submission for the assignment with {_CM}",
        r"\mod_assign\event\submission_form_viewed",
    ),
    (
        rf"{_USER} has viewed the submission status page for the assignment with {_CM}",
        r"\mod_assign\event\submission_status_viewed",
    ),
    (
        rf"{_USER} has graded the submission '(?P<thing>\d+)' for {_FOR} for the assignment with {_CM}",
        r"\mod_assign\event\submission_graded",
    ),
    (
        rf"{_USER} has created the discussion with id '(?P<thing>\d+)' in the forum with {_CM}",
        r"\mod_forum\event\discussion_created",
    ),
    (
        rf"{_USER} has viewed the discussion with id '(?P<thing>\d+)' in the forum with {_CM}",
        r"\mod_forum\event\discussion_viewed",
    ),
    (
        rf"{_USER} has created the post with id '(?P<thing>\d+)' in the discussion with id '(?P<thread>\d+)' "
        rf"in the forum with {_CM}",
        r"\mod_forum\event\post_created",
    ),
)
#: Events outside any course.
_ANYWHERE = frozenset({r"\core\event\user_loggedin", r"\core\event\user_loggedout"})
_PATTERNS = [(re.compile(sentence + r"\.?"), name) for sentence, name in _SENTENCES]
_ANY_COURSE = re.compile(r"course with id '(\d+)'")
_ANY_USER = re.compile(r"[Tt]he user with id '(\d+)'")


def course_said(description: str) -> str:
    """The id of the course in a description, or empty."""
    found = _ANY_COURSE.search(description)
    return found[1] if found else ""


def user_said(description: str) -> str:
    """The id of the first user in a description, or empty."""
    found = _ANY_USER.search(description)
    return found[1] if found else ""


def log_row(row: Row, language: Language, at: datetime, course_id: str, nth: int) -> Row:
    """The row of the log behind a row of the report, as far as it can be reconstructed.

    :param nth: its number among equal rows, from 0: reports have minutes and no ids
    """
    description = column(row, language, "description")
    parts, name = _understand(description)
    person = column(row, language, "person")
    fields = {
        "id": str(nth) if nth else "",
        "eventname": name or column(row, language, "event") or description[:40],
        "timecreated": str(int(at.timestamp())),
        "userid": parts.get("user") or user_said(description),
        "relateduserid": parts.get("related", ""),
        "courseid": "" if name in _ANYWHERE else parts.get("course") or course_id,
        "objectid": parts.get("thing", ""),
        "objecttable": "quiz_attempts" if name.startswith(rf"\mod_{QUIZ}\event\attempt") else "",
        "origin": column(row, language, "origin"),
        "realuserid": "?" if f" {language.logged_in_as} " in person else "",
        "other": _other(parts),
    }
    if parts.get("cm"):
        fields |= {"contextlevel": IN_MODULE, "contextinstanceid": parts["cm"]}
    return fields


def _understand(description: str) -> tuple[dict[str, str], str]:
    for pattern, name in _PATTERNS:
        found = pattern.fullmatch(description)
        if found:
            parts = {key: value or "" for key, value in found.groupdict().items()}
            return parts, name.replace("{kind}", parts.get("kind", ""))
    return {}, ""


def _other(parts: Mapping[str, str]) -> str:
    fields = {"discussionid": parts.get("thread"), "enrol": parts.get("enrol")}
    return msgspec.json.encode({key: value for key, value in fields.items() if value}).decode()
