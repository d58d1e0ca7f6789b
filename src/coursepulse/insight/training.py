"""The weekly training: build the data, let contenders compete, compare, and publish or keep what there is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple, Protocol

import msgspec
import polars as pl

from coursepulse.insight.facts import FactsExtent, StudyFacts
from coursepulse.insight.features import FEATURES, Feature
from coursepulse.insight.models_kept import KeptModel, ModelsKept
from coursepulse.insight.registry import DamagedModel, ModelRegistry, NoSuchModel
from coursepulse.insight.risk.card import as_json, make_card
from coursepulse.insight.risk.dataset import CourseKind, CutOff, kinds_of, make_rows, of_kind
from coursepulse.insight.risk.gate import Ruling, judge_kinds
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.risk.model import RiskModel, StaleModel, read_model
from coursepulse.insight.risk.models import ExtraMissing
from coursepulse.insight.risk.train import TooFewRows, Trained
from coursepulse.insight.trainers import EmbeddedTrainer, TrainingFailed, TrainsModels
from coursepulse.insight.upkeep import Upkeep
from coursepulse.kit.clock import DAY, HOUR, SECOND, Clock, Micros, from_micros, utc_date

#: Days between two cut-offs, and how many there are at most.
_STEP, _MOST_CUTS = 14, 26

#: A day longer than the planned training needs: this is for when nobody planned one.
_OLD = 8 * DAY

#: Learners whose facts are trained on, newest courses first: more change a model little and cost much.
MOST_LEARNERS = 60_000

#: What models are called in the registry.
MODEL = "at-risk"

_DATA = "Learners of this installation who agreed to learning analytics"

#: Without a model, an attempt is made again after so many times as long as the last one took, and not at once.
_TIMES, _SOON = 5, 10 * SECOND

#: History is being loaded while days of learning grow by more than this share between two looks, and by more than so
#: many, or while more than this share of the learners wait for their numbers.
_GROWTH, _FEW_DAYS, _WAITING = 0.02, 100, 0.1

#: A training that failed outside of this server is tried again after an hour, so many times; then each day.
_PATIENT = 3

#: So many times the rows of a model that was refused are worth another attempt before the week is over.
_MORE = 1.1

#: Courses that begin so many days after the first of a term, or later, are of another term.
_NEXT_TERM = 21

#: The horizon is a third of the history at most, so that there is something to learn from and to test on.
_PARTS = 3


class ReadsFacts(Protocol):
    """Facts of learners who agreed."""

    def courses(self) -> Mapping[str, int]:
        """Courses with learners, and how many each has."""

    def extent(self) -> FactsExtent:
        """How much is known."""

    def read(self, courses: Collection[str], day: date, students: Sequence[bytes] = ()) -> StudyFacts:
        """What was known of some courses at the end of ``day``."""


class KnowsGroups(Protocol):
    """What divides learners into groups, for the report on fairness and the gate alone."""

    def of(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """``student``, ``course`` and attributes of everybody in some rows; None where nothing divides them."""


class Undivided:
    """Nobody is in a group."""

    def of(self, rows: pl.DataFrame) -> pl.DataFrame | None:
        """Nothing."""


class TrainedCandidate(NamedTuple):
    """A trained model with the rows that it has learned from, and whether it may be shown.

    :param groups: of those whom it was tested on
    """

    rows: pl.DataFrame
    trained: Trained
    ruling: Ruling
    groups: pl.DataFrame | None


class RiskTraining:
    """Trains a model on what the stores hold now.

    :param horizon: when a learner of a self-paced course counts as lost
    :param published: is told of a new champion
    :param groups: asked once a model is trained, so nothing of it can become a feature
    :param trainer: where it is trained
    :param waiting: how many learners wait for numbers that take new events into account
    """

    def __init__(
        self,
        facts: ReadsFacts,
        kept: ModelsKept,
        registry: ModelRegistry,
        clock: Clock,
        horizon: Horizon,
        upkeep: Upkeep,
        published: Callable[[], None] = lambda: None,
        features: Sequence[Feature] = FEATURES,
        groups: KnowsGroups | None = None,
        trainer: TrainsModels | None = None,
        waiting: Callable[[], int] = lambda: 0,
    ) -> None:
        self._facts, self._kept, self._registry, self._clock = facts, kept, registry, clock
        self._horizon, self._upkeep = horizon, upkeep
        self._published, self._features = published, features
        self._groups, self._trainer = groups or Undivided(), trainer or EmbeddedTrainer()
        self._failures = 0
        self._again_at: Micros = 0
        self._waiting = waiting
        self._seen: FactsExtent | None = None
        self._tried = 0
        self._readable = ""

    def run(self, fewest: int = 0) -> str:
        """Train once; returns what came of it, in a sentence, or nothing where there are fewer rows than ``fewest``.

        :raises StoreUnavailable: when a database does not answer
        """
        told = self._train(utc_date(self._clock()), fewest)
        if told:
            self._upkeep.note_training(told, self._clock())
        return told

    def run_if_due(self) -> str:
        """The same when somebody asks, or when no training was planned for more than a week.

        While no model predicts it is tried again as soon as there is a tenth more to learn from, and at the latest
        after an hour; but a model that was refused was refused for its data, so only with a tenth more rows. While
        history is being loaded it waits: a model of half of it would be refused, and hold up the one of all of it.
        """
        newest = next(iter(self._kept.all()), None)
        old = newest is not None and self._clock() - newest.trained_at >= _OLD
        # What has just failed outside is not asked again before its time, except by somebody.
        again = (old or self._failures) and self._clock() >= self._again_at
        if again or self._upkeep.read().waiting:
            return self._attempt(self._facts.extent().days)
        if self._is_readable(self._kept.champion()):
            return ""
        now, (moves, days) = self._clock(), self._look()
        grown = not self._failures and days > _MORE * self._tried
        if moves or (now < self._again_at and not grown):
            return ""
        return self._attempt(days, int(_MORE * newest.card.get("rows", 0)) if newest else 0)

    def _attempt(self, days: int, fewest: int = 0) -> str:
        """Train, and note what there was to learn from and when it is worth to do it again."""
        now, self._tried = self._clock(), days
        told = self.run(fewest)
        pause = min(HOUR, max(_SOON, _TIMES * (self._clock() - now)))
        self._again_at = max(self._again_at, now + pause)
        return told

    def _is_readable(self, champion: KeptModel | None) -> bool:
        """Whether there is a model that predicts, and that this release understands."""
        if champion is None:
            return False
        if champion.model != self._readable:
            self._readable = champion.model if self._champion() else ""
        return champion.model == self._readable

    def _rows(self, today: date) -> pl.DataFrame:
        """Learners at past moments, with what became of them.

        :raises TooFewRows: when nobody has learned anything yet
        """
        facts = self._facts.read(choose_courses(self._facts.courses()), today)
        first = facts.activity["day"].min()
        if not isinstance(first, date):
            raise TooFewRows("Nobody has learned anything yet.")
        horizon = shorten(self._horizon, (today - first).days)
        cuts = cut_offs(facts, today, horizon)
        if not cuts:
            raise TooFewRows(
                "No course is over, and no self-paced course is old enough to know what came of it."
            )
        rows = make_rows(facts, cuts, today, self._features, horizon).filter("enough")
        return both_outcomes(rows)

    def _train(self, today: date, fewest: int) -> str:
        try:
            rows = self._rows(today)
            told = self._finish(self._pick(rows), today) if rows.height >= fewest else ""
        except (TooFewRows, ExtraMissing) as reason:
            told = str(reason)
        except TrainingFailed as reason:
            self._failures += 1
            self._again_at = self._clock() + (HOUR if self._failures <= _PATIENT else DAY)
            return str(reason)
        self._failures = 0
        return told

    def _look(self) -> tuple[bool, int]:
        """Whether more has come in since the last look than learners do in that time; and all days of learning."""
        before, seen = self._seen, self._facts.extent()
        self._seen = seen
        if before is None:
            return True, seen.days
        jumps = seen.newest != before.newest and (
            before.newest is None or seen.newest is None or seen.newest - before.newest > timedelta(days=1)
        )
        grows = seen.days - before.days > max(_FEW_DAYS, _GROWTH * before.days)
        return jumps or grows or self._waiting() > _WAITING * seen.learners, seen.days

    def _pick(self, rows: pl.DataFrame) -> TrainedCandidate:
        """A model for all kinds of courses if it may be shown, else for one kind, else the first that was refused.

        :raises TooFewRows: when there is not enough of any kind
        """
        kinds, champion = kinds_of(rows), self._champion()
        # A model of one kind would leave those without predictions of whom the present one speaks.
        alone = [(kind,) for kind in kinds if champion is None or set(champion.kinds) <= {kind}]
        tries = [kinds, *alone] if len(kinds) > 1 else [kinds] if kinds else []
        first: TrainedCandidate | None = None
        reason = TooFewRows("Nobody has learned anything yet.")
        for some in tries:
            try:
                candidate = self._compete(rows, some, champion)
            except TooFewRows as few:
                reason = few
                continue
            if candidate.ruling.accepted:
                return candidate
            first = first or candidate
        if first is None:
            raise reason
        return first

    def _compete(
        self, rows: pl.DataFrame, kinds: Sequence[CourseKind], champion: RiskModel | None
    ) -> TrainedCandidate:
        own = rows.filter(pl.any_horizontal(*(of_kind(rows, kind) for kind in kinds)))
        trained = self._trainer.train(own, self._features)
        before = champion.probabilities(trained.tested) if champion else None
        known = champion.kinds if champion else ()
        groups = self._groups.of(trained.tested)
        ruling = judge_kinds(trained.tested, trained.held_out, before, known, groups)
        return TrainedCandidate(own, trained, ruling, groups)

    def _finish(self, found: TrainedCandidate, today: date) -> str:
        rows, trained, ruling, groups = found
        now = from_micros(self._clock())
        made = make_card(trained, rows, ruling, data=_DATA, trained_at=now.isoformat(), groups=groups)
        card = as_json(made)
        number = self._registry.publish(MODEL, {**trained.model.files(), "card.json": card}, now.isoformat())
        name = f"{now:%Y%m%d-%H%M%S}-{number}"
        self._note(name, rows, ruling, card, today)
        if not ruling.accepted:
            why = " ".join(each.sentence() for each in ruling.objections)
            return f"Model {name} is not shown. {why}"
        self._registry.promote(MODEL, number, now.isoformat())
        self._kept.crown(name, self._clock())
        self._published()
        return f"Model {name} predicts from now on."

    def _note(self, name: str, rows: pl.DataFrame, ruling: Ruling, card: bytes, today: date) -> None:
        students = (student for student in rows["student"].unique() if isinstance(student, bytes))
        why = " ".join(each.sentence() for each in ruling.objections)
        told = KeptModel(name, self._clock(), today, ruling.accepted, why, msgspec.json.decode(card))
        self._kept.note(told, students)

    def _champion(self) -> RiskModel | None:
        return load_model(self._kept, self._registry)


#: What a model cannot be read for.
UNREADABLE = (StaleModel, NoSuchModel, DamagedModel)


def load_model(kept: ModelsKept, registry: ModelRegistry) -> RiskModel | None:
    """The model that predicts now; None where there is none, or none that this release can read."""
    champion = kept.champion()
    if champion is None:
        return None
    try:
        return open_model(champion.model, registry)
    except UNREADABLE:
        return None


def open_model(model: str, registry: ModelRegistry) -> RiskModel:
    """A model on record.

    :raises CoursepulseError: when this release cannot read it: see :data:`UNREADABLE`
    """
    return read_model(registry.read(MODEL, number_of(model)))


def number_of(model: str) -> int:
    """The version in the registry."""
    return int(model.rpartition("-")[2])


def shorten(horizon: Horizon, history: int) -> Horizon:
    """The horizon that fits into so many days of history."""
    return Horizon(horizon.k, max(7, min(horizon.days, history // _PARTS)))


def cut_offs(facts: StudyFacts, today: date, horizon: Horizon) -> list[CutOff]:
    """Moments whose outcomes are known: every other week of courses that are over, and of self-paced ones.

    Of a course that goes on only those who left would be known, which would teach that everybody leaves.
    """
    over = facts.courses.filter(pl.col("start").is_not_null() & (pl.col("end") < today))
    free = facts.courses.filter(pl.col("start").is_null())["course"]
    first = facts.activity.join(free.to_frame(), on="course", how="semi")["day"].min()
    terms = terms_of(over["start"].unique().sort().to_list())
    cuts = [cut for (start,), run in over.group_by("start") for cut in _of_run(start, terms[start], run)]
    if isinstance(first, date):
        cuts += _of_self_paced(free, first, today - timedelta(days=horizon.days))
    return sorted(cuts, key=lambda cut: (cut.period, cut.day))


def terms_of(starts: Sequence[date]) -> dict[date, date]:
    """For each first day of courses, in order, the first day of its term: the days of three weeks go together.

    Courses that begin a few days apart are taught beside each other. Taken for periods of their own, each would be
    judged by what the few others of that very month were like.
    """
    terms: dict[date, date] = {}
    first = None
    for start in starts:
        if first is None or (start - first).days >= _NEXT_TERM:
            first = start
        terms[start] = first
    return terms


def _of_run(start: date, term: date, run: pl.DataFrame) -> list[CutOff]:
    """Of courses that began on one day, until the first of them ends."""
    length = min((end - start).days for end in run["end"])
    days = range(_STEP, min(length, _STEP * _MOST_CUTS), _STEP)
    period = f"{term:%Y-%m-%d}"
    return [CutOff(start + timedelta(days=nth), period, nth, run["course"]) for nth in days]


def _of_self_paced(courses: pl.Series, first: date, last: date) -> list[CutOff]:
    """Periods of four weeks, counted back from the last day whose outcomes are known."""
    days = [last - timedelta(days=_STEP * nth) for nth in range(_MOST_CUTS)]
    return [
        CutOff(
            day,
            f"{last - timedelta(days=28 * ((last - day).days // 28)):%Y-%m-%d}",
            (day - first).days,
            courses,
        )
        for day in days
        if day > first
    ]


def both_outcomes(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of the periods in which some were lost and some were not: of others nothing can be said."""
    return rows.filter(pl.col("lost").n_unique().over("period", "dated") > 1)


def choose_courses(courses: Mapping[str, int]) -> list[str]:
    """As many courses as fit, the largest first."""
    chosen: list[str] = []
    learners = 0
    for course in sorted(courses, key=lambda each: (-courses[each], each)):
        if chosen and learners + courses[course] > MOST_LEARNERS:
            break
        chosen.append(course)
        learners += courses[course]
    return chosen
