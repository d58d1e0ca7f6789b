"""What rows of Moodle must know about each other: the module of an activity, and earlier attempts."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from typing import NamedTuple

from coursepulse.formats.marks import Marks
from coursepulse.formats.moodle.fields import Row, is_yes, later

QUIZ, ASSIGN, FORUM = "quiz", "assign", "forum"
LIVE = frozenset({"bigbluebuttonbn", "zoom"})
#: Modules that are not lessons: work, discussion, live classes, or nothing that can be opened.
NO_LESSONS = LIVE | {QUIZ, ASSIGN, FORUM, "label", "subsection", "qbank"}

_EARLIEST = datetime.min.replace(tzinfo=UTC)

#: The modules of activities, by plugin and the activity's own id, as in ``quiz-4``.
Modules = dict[str, str]


class Module(NamedTuple):
    """An activity of a course. ``kind`` is the plugin's name, such as ``quiz``."""

    kind: str
    course_id: str


class Item(NamedTuple):
    """A column of the gradebook.

    :param type: ``mod``, ``manual``, ``course`` or ``category``
    :param instance: the activity's own id, which differs from that of its module
    """

    id: str
    type: str
    kind: str
    instance: str
    course_id: str
    low: float
    high: float
    mark: float


class Try(NamedTuple):
    """An attempt at a quiz."""

    number: int
    began: datetime


class Site:
    """Filled in a first pass, so that the order of rows and files does not matter.

    :param marks: numbers that earlier imports gave to attempts
    :param known: modules seen by earlier imports
    """

    def __init__(self, marks: Marks | None = None, known: Modules | None = None) -> None:
        self.marks = marks or Marks()
        self.known: Modules = known if known is not None else {}
        self.modules: dict[str, Module] = {}
        self.items: dict[str, Item] = {}
        self.quizzes: dict[str, Row] = {}
        self.assigns: dict[str, Row] = {}
        #: The numbers of attempts at assignments by submission; the log does not have them.
        self.submissions: dict[str, int] = {}
        self.enrols: dict[str, Row] = {}
        #: Rows of user_enrolments by learner: a person may be enrolled in one course in several ways.
        self.enrolments: dict[str, list[Row]] = defaultdict(list)
        #: Attempts have a table of their own, with their scores.
        self.scored = False
        self.latest = _EARLIEST
        self._quiz_of: dict[str, str] = {}
        self._said: dict[str, int] = {}
        self._begun: dict[str, tuple[str, str, datetime]] = {}
        self._tries: dict[tuple[str, str], dict[str, Try]] = defaultdict(dict)

    def note_module(self, cm: str, module: Module, instance: str = "") -> None:
        """Note an activity, and its own id if known."""
        self.modules[cm] = module
        if instance:
            self.known[f"{module.kind}-{instance}"] = cm

    def note_attempt(self, attempt: str, student: str, quiz: str, cm: str, at: datetime, number: int) -> None:
        """Note an event of an attempt.

        :param quiz: the quiz's own id, or empty
        :param cm: its module, or empty; if both are given, they belong together
        :param number: from the table of attempts; 0 if unknown
        """
        known = self._begun.get(attempt)
        began = min(at, known[2]) if known else at
        self._begun[attempt] = (student, cm or (known[1] if known else ""), began)
        if quiz:
            self._quiz_of[attempt] = quiz
        if number:
            self._said[attempt] = number

    def settle(self) -> None:
        """Evaluates everything that was noted. Attempts are numbered in Moodle's order."""
        for attempt, quiz in self._quiz_of.items():
            cm = self._begun[attempt][1]
            if cm:
                self.known.setdefault(f"{QUIZ}-{quiz}", cm)
        for attempt in sorted(self._begun, key=_as_number):
            student, cm, began = self._begun[attempt]
            assessment = cm or self.activity(QUIZ, self._quiz_of.get(attempt, ""))
            known = self.marks.of(student, assessment)
            mark = self.marks.hide(attempt)
            if attempt in self._said:
                known[mark] = self._said[attempt]
            number = known.setdefault(mark, max(known.values(), default=0) + 1)
            self._tries[student, assessment][attempt] = Try(number, began)

    def activity(self, kind: str, instance: str) -> str:
        """The id of an activity: that of its module or, if unknown, one made from its own id."""
        own = f"{kind}-{instance}"
        return self.known.get(own, own)

    def number_of(self, student: str, assessment: str, attempt: str) -> int:
        """The number of an attempt; 1 if none was noted."""
        known = self._tries.get((student, assessment), {}).get(attempt)
        return known.number if known else 1

    def last_attempt(self, student: str, assessment: str, at: datetime) -> int:
        """The highest number of the attempts that had begun by then; 1 if none was noted.

        Attempts of earlier imports began earlier.
        """
        tries = self._tries.get((student, assessment), {}).values()
        known = set(self.marks.find(student, assessment).values())
        return max(known - {each.number for each in tries if each.began > at}, default=1)

    def holds(self, student: str, course_id: str) -> bool:
        """Whether any enrolment in a course still holds at the end."""
        return any(
            end_of(row, self.latest) is None
            and self.enrols.get(row.get("enrolid", ""), {}).get("courseid") == course_id
            for row in self.enrolments.get(student, ())
        )

    def kind_of(self, cm: str) -> str:
        """The plugin of a module, or empty."""
        return self.modules[cm].kind if cm in self.modules else ""

    def is_lesson(self, kind: str) -> bool:
        """Whether modules of this plugin are lessons. Unknown ones count as lessons: completing them is learning."""
        return kind not in NO_LESSONS


def _as_number(identifier: str) -> tuple[int, str]:
    return (int(identifier) if identifier.isdecimal() else 0, identifier)


def end_of(row: Row, latest: datetime) -> datetime | None:
    """When an enrolment ended: it was suspended, or expired before the newest row was written."""
    if is_yes(row.get("status", "")):
        return later(row.get("timemodified", "")) or latest
    ended = later(row.get("timeend", ""))
    return ended if ended and ended <= latest else None
