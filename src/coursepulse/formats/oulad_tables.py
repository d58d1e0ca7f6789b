"""The seven tables of OULAD: one row type each, with the official column names in the official order.

Open University Learning Analytics Dataset, Kuzilek, Hlosta, Zdrahal, Sci. Data 4:170171 (2017).
Every column is text as the CSV has it; ``?`` and the empty string both mean unknown.
Programs that save the tables again write ``28.0`` for 28 in columns with gaps, and a word such as NaN into the gaps:
both are understood.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

#: A presentation is named after its year and the month it starts in.
_LARGEST = 10**18
_MONTHS = {"B": 2, "J": 10}
_UNKNOWN = frozenset({"", "?", "nan", "na", "n/a", "<na>", "none", "null"})


class Courses(NamedTuple):
    code_module: str
    code_presentation: str
    module_presentation_length: str


class Assessments(NamedTuple):
    code_module: str
    code_presentation: str
    id_assessment: str
    assessment_type: str
    date: str


class Vle(NamedTuple):
    id_site: str
    code_module: str
    code_presentation: str
    activity_type: str


class StudentInfo(NamedTuple):
    code_module: str
    code_presentation: str
    id_student: str
    final_result: str


class StudentRegistration(NamedTuple):
    code_module: str
    code_presentation: str
    id_student: str
    date_registration: str
    date_unregistration: str


class StudentAssessment(NamedTuple):
    id_assessment: str
    id_student: str
    date_submitted: str
    is_banked: str
    score: str


class StudentVle(NamedTuple):
    code_module: str
    code_presentation: str
    id_student: str
    id_site: str
    date: str
    sum_click: str


def course_of(module: str, presentation: str) -> str:
    """One presentation of a module is one course: ``AAA-2013J``."""
    return f"{module}-{presentation}"


def start_of(course_id: str) -> date:
    """The first of February or October of a presentation's year: day 0 of all its dates.

    :raises ValueError: for a name that is not a year followed by B or J
    """
    presentation = course_id.rpartition("-")[2]
    month = _MONTHS.get(presentation[4:])
    if month is None:
        raise ValueError(f"`{presentation}` is not a presentation such as 2013B or 2014J")
    return date(int(presentation[:4]), month, 1)


def date_of(course_id: str, day: int) -> date:
    """The date of a day of a presentation.

    :raises ValueError: for an invalid name, and for a day outside the calendar
    """
    try:
        return start_of(course_id) + timedelta(days=day)
    except OverflowError:
        raise ValueError(f"day {day} lies outside the calendar") from None


def is_unknown(value: str) -> bool:
    """Whether the field has no value."""
    return value.strip().lower() in _UNKNOWN


def whole(value: str) -> int:
    """A whole number, however it is spelled: ``28``, ``28.0``, ``2.8e1``.

    :raises ValueError: for anything else
    """
    try:
        return int(value)
    except ValueError:
        number = _decimal(value)
    if abs(number) > _LARGEST or number != number.to_integral_value():
        raise ValueError(f"`{value[:32]}` is not a whole number")
    return int(number)


def id_of(value: str) -> str:
    """An id, which is a whole number in all tables: ``9501.0`` is ``9501``. Any other text stays unchanged."""
    if value.isdecimal():
        return value
    try:
        return str(whole(value))
    except ValueError:
        return value.strip()


def day_of(value: str) -> int | None:
    """Days from the start, or None when unknown.

    :raises ValueError: for anything else
    """
    return None if is_unknown(value) else whole(value)


def score_of(value: str) -> float | None:
    """A score from 0 to 100, or None when unknown.

    :raises ValueError: for anything else
    """
    if is_unknown(value):
        return None
    score = _decimal(value)
    if not 0 <= score <= 100:
        raise ValueError(f"a score of {value} is not between 0 and 100")
    return float(score)


def is_yes(value: str) -> bool:
    """A flag: 1, also as ``1.0`` or as a word.

    :raises ValueError: for anything but yes and no
    """
    word = value.strip().lower()
    return False if is_unknown(value) or word == "false" else word == "true" or whole(value) == 1


def _decimal(value: str) -> Decimal:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        raise ValueError(f"`{value[:32]}` is not a number") from None
    if not number.is_finite():
        raise ValueError(f"`{value[:32]}` is not a number")
    return number
