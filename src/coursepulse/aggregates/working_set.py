"""The working set: what the last batches have read about active students, so that the next need not read it again.

Presence means completeness: a student's day is known with all its parts or not at all, a session around a day
with all its events or not at all. It holds nothing that the tables do not hold, and may be forgotten at any time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from itertools import count
from typing import TypeAlias

import polars as pl

from coursepulse.aggregates.columns import PARTS, SESSION_EVENTS, empty
from coursepulse.aggregates.course_days import unite_parts
from coursepulse.kit.ids import NIL

#: Pseudonym and session_id.
Session: TypeAlias = tuple[bytes, bytes]

#: Pseudonym, and days since 1970.
StudentDay: TypeAlias = tuple[bytes, int]

#: Number of a session, and days since 1970.
SessionDay: TypeAlias = tuple[int, int]

#: Rows that are kept: of events at 200 bytes each, of parts at 600, replaced ones included.
_EVENTS, _PARTS = 500_000, 200_000

#: Lessons and videos whose last known length is remembered, some 200 bytes each.
_SAID = 200_000

#: When a course day has more than so many parts, those of sessions that have been silent for so many turns are folded
#: into one row, every so many turns.
_MANY, _SILENT, _FOLD = 8, 30, 20

#: A chunk is added with each batch; many small ones make every look-up slow.
_CHUNKS = 24

#: What makes two rows the same event, as in the key of the table ``events``: an id may come back on another day.
_EVENT = ["event_id", "at"]
_PART = ["sid", "course_id", "day"]
_COURSE_DAY = ["student_id", "course_id", "day"]


class WorkingSet:
    """Events and parts of the sessions that were touched last."""

    def __init__(self) -> None:
        self.events = empty(SESSION_EVENTS)
        # The last row of a replaced part counts: taking the others out would copy everything.
        self.parts = empty(PARTS).with_columns(sid=pl.lit(None, pl.UInt32))
        self._turn = 0
        self._next = count()
        self._numbers: dict[Session, int] = {}
        self._changed_keys: dict[int, int] = {}
        self._known: set[StudentDay] = set()
        self._settled: set[StudentDay] = set()
        self._held: set[SessionDay] = set()
        self._folded: dict[int, bytes] = {}
        self._said: dict[tuple[str, str, str], float] = {}

    def number(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with ``sid``, a number for the session_id of a student, the same as long as it is kept."""
        numbers = self._numbers
        sids = [
            numbers[session] if session in numbers else numbers.setdefault(session, next(self._next))
            for session in zip(rows["student_id"], rows["session_id"], strict=True)
        ]
        return rows.with_columns(sid=pl.Series(sids, dtype=pl.UInt32))

    def news(self, said: pl.DataFrame) -> pl.DataFrame:
        """The rows (course_id, id, number) whose number is larger than what was last said of the id."""
        last, kind = self._said, said.columns[1]
        news = {
            (kind, course, name): (course, name, number)
            for course, name, number in said.iter_rows()
            if number > last.get((kind, course, name), -1.0)
        }
        if len(last) + len(news) > _SAID:
            last.clear()
        last.update((key, row[2]) for key, row in news.items())
        return pl.DataFrame(list(news.values()), said.schema, orient="row")

    def missing_days(self, days: set[StudentDay], around: Iterable[int]) -> set[StudentDay]:
        """The days at these distances from ``days`` whose parts are not known."""
        # Most students come back before they are forgotten: one look-up each, not one for each day around.
        new = days - self._settled
        return {(student, day + offset) for student, day in new for offset in around} - self._known

    def settle(self, days: set[StudentDay]) -> None:
        """The days around these are known."""
        self._settled |= days

    def learn_days(self, days: set[StudentDay], parts: pl.DataFrame) -> None:
        """Take in all parts of these days."""
        self._known |= days
        self.parts = _append(self.parts, self.number(parts))

    def parts_of(self, column: str, members: pl.Series) -> pl.DataFrame:
        """The parts with one of ``members`` in ``column``, each in its last version."""
        found = self.parts.filter(pl.col(column).is_in(members.implode())).rechunk()
        return found.unique(_PART, keep="last", maintain_order=True)

    def missing_sessions(self, wanted: Iterable[SessionDay]) -> set[SessionDay]:
        """The sessions and days around which some events are missing."""
        return set(wanted) - self._held

    def take(self, fresh: pl.DataFrame, found: pl.DataFrame, wanted: set[SessionDay]) -> pl.DataFrame:
        """All events that are here of the sessions with fresh ones, each once.

        :param fresh: new events
        :param found: what was looked up of the sessions that were missing
        :param wanted: where the fresh events lie: from now on held
        """
        sids = fresh["sid"].unique()
        held = self.events.filter(pl.col("sid").is_in(sids.implode()))
        new = pl.concat([found, fresh]).unique(_EVENT, keep="first", maintain_order=True)
        new = new.join(held, on=["sid", *_EVENT], how="anti", maintain_order="left")
        self.events = _append(self.events, new)
        self._held |= wanted
        self._turn += 1
        self._changed_keys.update(dict.fromkeys(sids, self._turn))
        # Picking rows out of many chunks costs ten times as much as putting these together first.
        return pl.concat([held, new], rechunk=True)

    def replace_parts(self, parts: pl.DataFrame) -> pl.DataFrame:
        """Put new parts in the place of old ones; returns all parts of their course days."""
        self.parts = _append(self.parts, parts)
        of_students = self.parts_of("student_id", parts["student_id"].unique())
        return of_students.join(parts, on=_COURSE_DAY, how="semi")

    def fold(self) -> None:
        """Unite the parts of silent sessions on days with many, so that a day costs a batch few rows."""
        if self._turn % _FOLD:
            return
        parts = self.parts.unique(_PART, keep="last", maintain_order=True)
        lately = [sid for sid, turn in self._changed_keys.items() if self._turn - turn < _SILENT]
        silent = ~pl.col("sid").is_in(lately) & (pl.len().over(_COURSE_DAY) > _MANY)
        parts = parts.with_columns(silent=silent)
        folded = parts.filter("silent")
        united = unite_parts(folded).with_columns(session_id=pl.lit(NIL))
        # A number that no session has: nobody looks for the events of such a row.
        sids = pl.Series([next(self._next) for _ in range(united.height)], dtype=pl.UInt32)
        rest = parts.filter(~pl.col("silent")).select(self.parts.columns)
        self.parts = pl.concat([rest, united.with_columns(sid=sids).select(self.parts.columns)])
        self._folded.update(zip(folded["sid"], folded["student_id"], strict=True))

    def unfold(self, sids: pl.Series) -> None:
        """Forget what is known of students who go on with a folded session: they are looked up again."""
        students = {self._folded[sid] for sid in sids if sid in self._folded}
        if students:
            gone = _series(students, pl.Binary)
            self.parts = self.parts.filter(~pl.col("student_id").is_in(gone.implode()))
            self._known = {each for each in self._known if each[0] not in students}
            self._settled = {each for each in self._settled if each[0] not in students}
            self._folded = {sid: one for sid, one in self._folded.items() if one not in students}

    def shrink(self) -> None:
        """Forget what was replaced, and the sessions that were touched longest ago, when there is too much."""
        if self.events.height <= _EVENTS and self.parts.height <= _PARTS:
            return
        lately = self._latest()
        students = {student for (student, _), sid in self._numbers.items() if sid in lately}
        self.parts = self.parts_of("student_id", _series(students, pl.Binary))
        self._folded = {sid: student for sid, student in self._folded.items() if student in students}
        # A session keeps its number as long as a row has it: its events are looked for by that.
        numbered = lately | set(self.parts["sid"]) | self._folded.keys()
        self._numbers = {session: sid for session, sid in self._numbers.items() if sid in numbered}
        self._changed_keys = {sid: turn for sid, turn in self._changed_keys.items() if sid in lately}
        self._held = {(sid, day) for sid, day in self._held if sid in lately}
        self._known = {(student, day) for student, day in self._known if student in students}
        self._settled = {(student, day) for student, day in self._settled if student in students}
        self.events = self.events.filter(pl.col("sid").is_in(_series(lately, pl.UInt32).implode()))

    def _latest(self) -> set[int]:
        """The sessions touched last that hold half of what may be kept."""
        sizes = dict(self.events.group_by("sid").len().iter_rows())
        lately, events = set[int](), 0
        for sid in sorted(self._changed_keys, key=self._changed_keys.__getitem__, reverse=True):
            events += sizes.get(sid, 0)
            if events > _EVENTS // 2 or len(lately) > _PARTS // 4:
                break
            lately.add(sid)
        return lately


def _append(rows: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    together = pl.concat([rows, more])
    return together.rechunk() if together.n_chunks() > _CHUNKS else together


def _series(values: Collection[object], kind: type[pl.DataType]) -> pl.Series:
    return pl.Series(list(values), dtype=kind)
