"""The weekly letter: three numbers and one thing to do, each as the reader's first page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from coursepulse.access.viewer import Role
from coursepulse.alerts.delivery.mailing import ReportNotMade
from coursepulse.dashboards.catalog import all_cards
from coursepulse.dashboards.format import count_of, span_of
from coursepulse.dashboards.reader import Record, Rows
from coursepulse.dashboards.report_mails import Letter, LetterAction, LetterNumber
from coursepulse.dashboards.text import plural, say
from coursepulse.dashboards.views import figures
from coursepulse.kit.ids import to_text
from coursepulse.web.dashboards.service import answer
from coursepulse.web.dashboards.shown import CardRequest, ShownCard
from coursepulse.web.http.auth import PageViewer

if TYPE_CHECKING:
    from coursepulse.web.dashboards.ports import DashboardServices

#: Who gets letters.
READERS = (Role.STUDENT, Role.INSTRUCTOR, Role.MANAGER)

#: The days of a letter, which the page that it leads to shows too.
_DAYS = 7

#: The figures of students, in the order of the letter.
_OF_STUDENTS = ("time_spent", "lessons_completed", "streak_days")


def compose_letter(services: DashboardServices, viewer: PageViewer) -> Letter | None:
    """The letter of somebody under the rights of this moment; None when there is nothing that they may see.

    :raises ReportNotMade: when a store does not answer
    """
    match viewer.role:
        case Role.STUDENT:
            return _for_student(services, viewer)
        case Role.INSTRUCTOR:
            return _for_instructor(services, viewer) if viewer.course_ids else None
        case Role.MANAGER:
            return _for_manager(services, viewer) if viewer.team_ids else None
        case _:
            return None


def _for_student(services: DashboardServices, viewer: PageViewer) -> Letter | None:
    if viewer.student_id is None:
        return None
    about = CardRequest(student=to_text(viewer.student_id), days=_DAYS)
    headline = _ask("student_headline", about, services, viewer)
    # Without learning analytics there are no numbers, and without numbers no letter.
    if not headline.rows and not headline.failed:
        return None
    known = {row["name"]: row for row in headline.rows}
    numbers = [_figure(known[name], headline.days) for name in _OF_STUDENTS if name in known]
    steps = _ask("student_steps", about, services, viewer)
    return Letter(say("letter.student"), tuple(numbers), _step(steps.rows), _missing(headline, steps))


def _for_instructor(services: DashboardServices, viewer: PageViewer) -> Letter:
    about = CardRequest(days=_DAYS)
    people = _ask("people_to_reach", about, services, viewer)
    courses = _ask("taught_courses", about, services, viewer)
    waiting = people.rows[0]["people"] if people.rows else 0
    numbers: list[LetterNumber] = []
    if not people.failed:
        numbers.append(LetterNumber(say("letter.people"), count_of(waiting)))
    if not courses.failed:
        numbers.append(LetterNumber(say("letter.active"), count_of(_sum(courses.rows, "active_learners"))))
        numbers.append(LetterNumber(say("letter.time"), span_of(_sum(courses.rows, "time_spent"))))
    action = _step(()) if people.failed else _to_write(waiting)
    return Letter(say("letter.instructor"), tuple(numbers), action, _missing(people, courses))


def _to_write(waiting: int) -> LetterAction:
    if waiting:
        return LetterAction(plural("letter.write", waiting), say("letter.write_why"), "/")
    return LetterAction(say("letter.nobody_waits"), say("letter.look_why"), "/")


def _for_manager(services: DashboardServices, viewer: PageViewer) -> Letter | None:
    teams = _ask("team_comparison", CardRequest(days=_DAYS), services, viewer)
    if not teams.rows and not teams.failed:
        return None
    abouts = [CardRequest(team=row["team_id"], days=_DAYS) for row in teams.rows]
    trainings = [_ask("team_training", about, services, viewer) for about in abouts]
    numbers: list[LetterNumber] = []
    if not teams.failed:
        numbers.append(LetterNumber(say("letter.members"), count_of(_sum(teams.rows, "active_members"))))
        numbers.append(LetterNumber(say("letter.time"), span_of(_sum(teams.rows, "time_spent"))))
    if trainings and not any(each.failed for each in trainings):
        overdue = _sum([row for each in trainings for row in each.rows], "overdue")
        numbers.append(LetterNumber(say("letter.overdue"), count_of(overdue)))
    steps = [_ask("team_steps", about, services, viewer) for about in abouts]
    first = next((each.rows for each in steps if each.rows), ())
    missing = _missing(teams, *trainings, *steps)
    return Letter(say("letter.manager"), tuple(numbers), _step(first), missing)


def _ask(slug: str, about: CardRequest, services: DashboardServices, viewer: PageViewer) -> ShownCard:
    shown = answer(all_cards()[slug], about, services, viewer)
    if shown.trouble and not shown.failed:
        raise ReportNotMade(shown.trouble)
    return shown


def _missing(*asked: ShownCard) -> str:
    """What a letter says when a part of it could not be read: it goes out with the rest."""
    return say("letter.missing") if any(each.failed for each in asked) else ""


def _figure(row: Record, days: int) -> LetterNumber:
    change = figures.change_of(row, days) if row["compared"] else None
    return LetterNumber(figures.title_of(row), figures.value_of(row), change.words if change else "")


def _step(rows: Rows) -> LetterAction:
    if not rows:
        return LetterAction(say("letter.look"), say("letter.look_why"), "/")
    row = rows[0]
    return LetterAction(row["title"], row.get("action") or row["why"], row.get("url") or row["href"] or "/")


def _sum(rows: Sequence[Record] | Rows, name: str) -> float | None:
    """A sum; None as soon as a part of it is hidden."""
    return _known([row[name] for row in rows])


def _known(values: Iterable[float | None]) -> float | None:
    found = list(values)
    return None if None in found else sum(value for value in found if value is not None)
