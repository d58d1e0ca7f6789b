"""The small tables of OULAD, which the large ones refer to, and the courses in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from coursepulse.campus.courses import Assessment, AssessmentKind, Course, Lesson
from coursepulse.formats import oulad_tables as tables
from coursepulse.formats.oulad import ASSIGNMENT, FORUM, PASS_MARK, Lookups, OuladAssessment
from coursepulse.importers.reading import Row, read_table
from coursepulse.kit.errors import RequestError

Value = TypeVar("Value")


def build_lookups(files: dict[str, Path]) -> Lookups:
    """What clicks and results refer to. It is small: some 6,000 sites.

    :raises RequestError: naming the first invalid row; nothing can be imported without these tables
    """
    lengths, works, forums = {}, {}, set()
    for course in _rows(files["courses"], tables.Courses):
        name = tables.course_of(course.code_module, course.code_presentation)
        lengths[name] = _parse(files["courses"], course.module_presentation_length, tables.whole)
        _parse(files["courses"], name, partial(tables.date_of, day=lengths[name]))
    for row in _rows(files["assessments"], tables.Assessments):
        due = _parse(files["assessments"], row.date, tables.day_of)
        name = tables.course_of(row.code_module, row.code_presentation)
        _parse(files["assessments"], name, partial(tables.date_of, day=due or 0))
        works[tables.id_of(row.id_assessment)] = OuladAssessment(name, row.assessment_type, due)
    for site in _rows(files["vle"], tables.Vle):
        if site.activity_type == FORUM:
            forums.add(tables.id_of(site.id_site))
    return Lookups(lengths, works, frozenset(forums))


def _rows(path: Path, kind: type[Row]) -> Iterable[Row]:
    for number, row, _ in read_table(path, kind):
        if row is None:
            raise RequestError("wrong_table", f"{path.name} line {number} is too short.")
        yield row


def _parse(path: Path, value: str, convert: Callable[[str], Value]) -> Value:
    try:
        return convert(value)
    except ValueError as error:
        raise RequestError("wrong_table", f"{path.name}: {error}.") from None


def build_courses(files: dict[str, Path], lookups: Lookups) -> list[Course]:
    """Courses with their sites in the order of their ids, and their assessments.

    Forums are not lessons: nobody starts one, so each would look like a place where everyone gives up.
    """
    lessons = _lessons(files["vle"])
    works = _assessments(lookups)
    return [_course(name, days, lessons[name], works[name]) for name, days in lookups.lengths.items()]


def _course(name: str, days: int, lessons: list[Lesson], works: list[Assessment]) -> Course:
    return Course(
        course_id=name,
        title=f"{name.replace('-', ' ', 1)} (OULAD)",
        starts_on=tables.start_of(name),
        ends_on=tables.date_of(name, days),
        lessons=tuple(lessons),
        assessments=tuple(works),
    )


def _lessons(path: Path) -> defaultdict[str, list[Lesson]]:
    lessons: defaultdict[str, list[Lesson]] = defaultdict(list)
    numbers: Counter[tuple[str, str]] = Counter()
    sites = [row._replace(id_site=tables.id_of(row.id_site)) for row in _rows(path, tables.Vle)]
    for site in sorted(sites, key=lambda site: (len(site.id_site), site.id_site)):
        if site.activity_type == FORUM:
            continue
        course = tables.course_of(site.code_module, site.code_presentation)
        numbers[course, site.activity_type] += 1
        title = f"{site.activity_type} {numbers[course, site.activity_type]}"
        lessons[course].append(Lesson(lesson_id=site.id_site, title=title))
    return lessons


def _assessments(lookups: Lookups) -> defaultdict[str, list[Assessment]]:
    works: defaultdict[str, list[Assessment]] = defaultdict(list)
    numbers: Counter[tuple[str, str]] = Counter()
    for identifier, work in lookups.works.items():
        numbers[work.course_id, work.kind] += 1
        works[work.course_id].append(
            Assessment(
                assessment_id=identifier,
                title=f"{work.kind} {numbers[work.course_id, work.kind]}",
                kind=AssessmentKind.ASSIGNMENT if work.kind == ASSIGNMENT else AssessmentKind.QUIZ,
                pass_mark=PASS_MARK,
                due_at=_due(work),
            )
        )
    return works


def _due(work: OuladAssessment) -> datetime | None:
    """The end of the day on which work is due."""
    if work.due is None:
        return None
    day = tables.date_of(work.course_id, work.due)
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC)
