"""What the champion says of learners: of touched ones within a minute, of all each day; and what became of them."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date
from hashlib import blake2b
from typing import Any, TypeAlias

import msgspec
import polars as pl
import structlog

from coursepulse.insight.facts import Ending, StudyFacts
from coursepulse.insight.features import StudyMoment
from coursepulse.insight.models_kept import ModelsKept
from coursepulse.insight.predictions import KnownEnd, Prediction, Predictions
from coursepulse.insight.registry import ModelRegistry
from coursepulse.insight.risk.dataset import of_kind, score_rows
from coursepulse.insight.risk.model import RiskModel
from coursepulse.insight.risk.models import ExtraMissing
from coursepulse.insight.training import UNREADABLE, ReadsFacts, open_model
from coursepulse.kit.clock import Clock, utc_date

_log = structlog.get_logger(__name__)

#: course_id and pseudonym.
Learner: TypeAlias = tuple[str, bytes]

#: Learners of one reading.
_SOME = 20_000

#: How many reasons are kept: three for and three against, and what follows.
_MOST_REASONS = 10


class Scoring:
    """Keeps predictions up to date. Its methods may be called by several threads.

    :param note_trouble: is told why nobody is scored, and with an empty text that they are again
    """

    def __init__(
        self,
        facts: ReadsFacts,
        kept: ModelsKept,
        registry: ModelRegistry,
        predictions: Predictions,
        clock: Clock,
        note_trouble: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._facts, self._kept, self._registry = facts, kept, registry
        self._predictions, self._clock = predictions, clock
        self._note_trouble, self._told = note_trouble, False
        #: Why nobody is scored although a model is on record; empty while they are.
        self.trouble = ""
        self._lock = threading.Lock()
        self._touched: set[str] = set()
        self._model: tuple[str, RiskModel] | None = None
        self._scored_on: date | None = None

    def note_learners(self, learners: Collection[Learner]) -> None:
        """The numbers of these learners have changed."""
        with self._lock:
            self._touched.update(course for course, _ in learners if course)

    def renew(self) -> None:
        """Another model predicts: everybody is scored at the next turn."""
        self._model, self._scored_on = None, None

    def turn(self) -> str:
        """Score the courses of touched learners, or everybody once a day.

        A class is scored as a whole: what a learner did counts in comparison with the others.

        :raises StoreUnavailable: when a database does not answer
        """
        try:
            said = self._turn()
        except (ExtraMissing, *UNREADABLE) as reason:
            self._tell(str(reason))
            return ""
        self._tell("")
        return said

    def _tell(self, trouble: str) -> None:
        """Once for each trouble, when it is over, and after a start: it may have ended with the last one."""
        if self._told and trouble == self.trouble:
            return
        if trouble:
            _log.warning("nobody_is_scored", reason=trouble)
        self._note_trouble(trouble)
        self.trouble, self._told = trouble, True

    def _turn(self) -> str:
        loaded = self._load()
        if loaded is None:
            return ""
        name, model = loaded
        today = utc_date(self._clock())
        with self._lock:
            touched, self._touched = self._touched, set()
        courses = self._facts.courses()
        wanted = (
            courses if self._scored_on != today else {c: courses[c] for c in sorted(touched) if c in courses}
        )
        try:
            scored = sum(self._score(name, model, some, today) for some in batches(wanted))
        except Exception:
            with self._lock:
                self._touched |= touched
            raise
        self._scored_on = today
        return f"{scored} predictions by {name}." if len(wanted) == len(courses) and scored else ""

    def _score(self, name: str, model: RiskModel, courses: list[str], today: date) -> int:
        facts = self._facts.read(courses, today)
        found = list(predict(model, facts, today))
        self._predictions.put(name, found, self._clock())
        for course, ends in known_ends(facts).items():
            self._predictions.note_ends(course, ends)
        return len(found)

    def _load(self) -> tuple[str, RiskModel] | None:
        champion = self._kept.champion()
        if champion is None:
            self._model = None
        elif self._model is None or self._model[0] != champion.model:
            self._model, self._scored_on = (champion.model, open_model(champion.model, self._registry)), None
        return self._model


def predict(model: RiskModel, facts: StudyFacts, day: date) -> Iterator[Prediction]:
    """What a model says of everybody of whom enough is known."""
    moment = StudyMoment(facts, day)
    rows = score_rows(moment, model.features).filter("enough")
    rows = rows.filter(pl.any_horizontal(*(of_kind(rows, kind) for kind in model.kinds)))
    if rows.is_empty():
        return
    shares, chances = model.shares(rows), model.probabilities(rows)
    values = rows.select(model.names).rows()
    for nth, (student, course) in enumerate(rows.select("student", "course").iter_rows()):
        parts = dict(zip(model.names, zip(values[nth], shares[nth][:-1].tolist(), strict=True), strict=True))
        yield Prediction(
            course,
            student,
            float(chances[nth]),
            hash_of(values[nth]),
            _reasons(parts, float(shares[nth][-1])),
        )


def hash_of(values: tuple[Any, ...]) -> bytes:
    """The same for the same numbers."""
    return blake2b(msgspec.msgpack.encode(values), digest_size=16).digest()


def known_ends(facts: StudyFacts) -> Mapping[str, list[KnownEnd]]:
    """By course: who left, failed or completed it, at first."""
    first = facts.endings.sort("day", "kind").unique(("course", "student"), keep="first", maintain_order=True)
    ends: dict[str, list[KnownEnd]] = defaultdict(list)
    for course, student, kind, known in first.select("course", "student", "kind", "known").iter_rows():
        ends[course].append(KnownEnd(student, kind != Ending.PASSED, known))
    return ends


def _reasons(parts: Mapping[str, tuple[Any, float]], base: float) -> dict[str, Any]:
    """The weightiest features with value and share, what all others add together, the base, and how much was known."""
    ordered = sorted(parts.items(), key=lambda part: -abs(part[1][1]))
    named, rest = ordered[:_MOST_REASONS], ordered[_MOST_REASONS:]
    known = sum(value is not None for value, _ in parts.values()) / max(1, len(parts))
    return {
        "shares": [[name, value, share] for name, (value, share) in named],
        "rest": sum(share for _, (_, share) in rest),
        "base": base,
        "known": round(known, 3),
    }


def batches(courses: Mapping[str, int]) -> Iterator[list[str]]:
    """Courses in readings of some learners each."""
    batch: list[str] = []
    learners = 0
    for course, size in courses.items():
        if batch and learners + size > _SOME:
            yield batch
            batch, learners = [], 0
        batch.append(course)
        learners += size
    if batch:
        yield batch
