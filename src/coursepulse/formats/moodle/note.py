"""The first pass: what rows say about the site, before any is converted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from coursepulse.formats.moodle.entry import LogEntry, read_entry
from coursepulse.formats.moodle.fields import Row, course_of, is_yes, later, person_of
from coursepulse.formats.moodle.site import QUIZ, Item, Module, Site
from coursepulse.formats.values import number, text

_NEVER = datetime.min.replace(tzinfo=UTC)
_MOST_TRIES = 10_000


def note(table: str, row: Row, site: Site, plugins: Mapping[str, str] | None = None) -> None:
    """Notes one row.

    :param table: without its prefix
    :param plugins: the names of the plugins by their ids in the table ``modules``
    """
    if table == "course_modules":
        _note_module(row, site, plugins or {})
    elif table in _NOTERS:
        _NOTERS[table](row, site)


def item_of(row: Row) -> Item:
    """A grade item, given in its own table or with each of its grades."""
    return Item(
        id=row.get("itemid") or row.get("id", ""),
        type=row.get("itemtype") or ("mod" if row.get("itemmodule") else "manual"),
        kind=row.get("itemmodule", ""),
        instance=row.get("iteminstance", ""),
        course_id=course_of(row.get("courseid", "")),
        low=number(row.get("grademin")) or 0.0,
        high=number(row.get("grademax")) or 0.0,
        mark=number(row.get("gradepass")) or 0.0,
    )


def _note_log(row: Row, site: Site) -> None:
    entry = read_entry(row, keyed=False)
    if not isinstance(entry, LogEntry):
        return
    site.latest = max(site.latest, entry.at)
    if not entry.kind:
        return
    # Among the events of an activity, one about its own row gives the id of that row.
    own = entry.thing if row.get("objecttable", "") == entry.kind else ""
    if entry.cm and (own or entry.cm not in site.modules):
        site.note_module(entry.cm, Module(entry.kind, entry.course_id), own)
    if entry.kind == QUIZ and row.get("objecttable") == "quiz_attempts" and "preview" not in entry.name:
        quiz = text(entry.other.get("quizid"))
        site.note_attempt(entry.thing, entry.learner, quiz, entry.cm, entry.at, 0)


def _note_module(row: Row, site: Site, plugins: Mapping[str, str]) -> None:
    kind = plugins.get(row.get("module", ""), row.get("modname", ""))
    if kind:
        module = Module(kind, course_of(row.get("course", "")))
        site.note_module(row.get("id", ""), module, row.get("instance", ""))


def _note_attempt(row: Row, site: Site) -> None:
    site.scored = True
    if is_yes(row.get("preview", "")):
        return
    began = later(row.get("timestart", "")) or _NEVER
    site.latest = max(site.latest, later(row.get("timefinish", "")) or began)
    said = row.get("attempt", "")
    turn = int(said) if said.isdecimal() and 1 <= int(said) <= 10_000 else 0
    site.note_attempt(
        row.get("id", ""), person_of(row.get("userid", "")), row.get("quiz", ""), "", began, turn
    )


def _note_item(row: Row, site: Site) -> None:
    site.items[row.get("id", "")] = item_of(row)


def _note_quiz(row: Row, site: Site) -> None:
    site.quizzes[row.get("id", "")] = row


def _note_assign(row: Row, site: Site) -> None:
    site.assigns[row.get("id", "")] = row


def _note_submission(row: Row, site: Site) -> None:
    number = row.get("attemptnumber", "")
    # Moodle counts from 0.
    if number.isdecimal() and int(number) < _MOST_TRIES:
        site.submissions[row.get("id", "")] = int(number) + 1
    site.latest = max(site.latest, later(row.get("timemodified", "")) or _NEVER)


def _note_way(row: Row, site: Site) -> None:
    site.enrols[row.get("id", "")] = row


def _note_enrolment(row: Row, site: Site) -> None:
    site.latest = max(site.latest, later(row.get("timemodified", "")) or _NEVER)
    site.enrolments[person_of(row.get("userid", ""))].append(row)


_NOTERS: dict[str, Callable[[Row, Site], None]] = {
    "logstore_standard_log": _note_log,
    "quiz_attempts": _note_attempt,
    "grade_items": _note_item,
    "quiz": _note_quiz,
    "assign": _note_assign,
    "assign_submission": _note_submission,
    "enrol": _note_way,
    "user_enrolments": _note_enrolment,
}
