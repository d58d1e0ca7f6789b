"""Reading what is stored, to try rules on it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from functools import partial

from coursepulse.access.viewer import Role, Viewer
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import Row
from coursepulse.alerts.alert import Alert
from coursepulse.alerts.classes import QUERIES
from coursepulse.alerts.facts import AssessmentOf
from coursepulse.alerts.past import PastLearners
from coursepulse.alerts.port import AlertFilter, AlertStore, Standing
from coursepulse.alerts.rule import EventStreak, LearnerCondition, Rule, Values
from coursepulse.alerts.trial import Fired, Replay, Trial, replay_learners
from coursepulse.events.event import Event
from coursepulse.kit.clock import DAY, Clock, Micros
from coursepulse.kit.ids import NIL
from coursepulse.kit.sql import Queries

HISTORY_QUERIES = {**QUERIES, **Queries("coursepulse.alerts.history")}

#: Sees alerts of everybody; only counts and pseudonyms leave a trial.
_EVERYTHING = Viewer(role=Role.SERVICE, subject="trial", scopes=frozenset({"read"}))

#: Alerts on record that are read at a time, and at the most.
_PAGE, _MOST = 1_000, 50_000


class Trials:
    """Tries rules.

    :param past: what was known of learners
    :param values: the thresholds that hold in a course
    """

    def __init__(
        self,
        reader: RollupReader,
        past: PastLearners,
        store: AlertStore,
        assessment: AssessmentOf,
        values: Callable[[Rule, str], Values],
        clock: Clock,
    ) -> None:
        self._reader, self._past, self._store = reader, past, store
        self._assessment, self._values, self._clock = assessment, values, clock

    def run(self, rule: Rule, since: Micros) -> Trial:
        """Try a rule on everything since a moment.

        :raises StoreUnavailable: when a database does not answer
        """
        now = self._clock()
        match rule.condition:
            case EventStreak() as streak:
                return self._replay(rule, streak, since, now)
            case LearnerCondition() as condition:
                days = self._past.days(since, now)
                fired = replay_learners(rule, condition, partial(self._values, rule), days)
                return Trial(rule.name, since, now, True, 0, sorted(fired, key=_when))
            case _:
                return Trial(rule.name, since, now, False, 0, list(self._recorded(rule, since, now)))

    def _replay(self, rule: Rule, streak: EventStreak, since: Micros, now: Micros) -> Trial:
        replay = Replay(rule, streak, self._assessment, partial(self._values, rule))
        for start in range(since, now, DAY):
            replay.take(self._events(streak.types, start, min(start + DAY, now)))
        return Trial(rule.name, since, now, True, replay.events, replay.end(now))

    def _events(self, types: Collection[str], since: Micros, until: Micros) -> list[Event]:
        asked = {"types": sorted(types), "since": since, "until": until}
        return [_to_event(row) for row in self._reader.rows("history_events", asked)]

    def _recorded(self, rule: Rule, since: Micros, now: Micros) -> Iterator[Fired]:
        """Alerts on record. One was right if it was still open a cooldown after it had been raised."""
        for alert in self._alerts(rule, since, now):
            proven = alert.raised_at + rule.cooldown
            open_then = alert.cleared_at is None or alert.cleared_at >= proven
            yield Fired(alert, None if now < proven and alert.cleared_at is None else open_then)

    def _alerts(self, rule: Rule, since: Micros, now: Micros) -> Iterator[Alert]:
        wanted = AlertFilter(Standing.ALL, rule=rule.name, limit=_PAGE)
        for _ in range(_MOST // _PAGE):
            found = [kept.alert for kept in self._store.search(wanted, _EVERYTHING, now)]
            yield from (alert for alert in found if alert.raised_at >= since)
            if len(found) < _PAGE or found[-1].raised_at < since:
                return
            wanted = wanted._replace(before=(found[-1].raised_at, found[-1].alert_id))


def _when(fired: Fired) -> tuple[Micros, bytes]:
    return fired.alert.raised_at, fired.alert.alert_id


def _to_event(row: Row) -> Event:
    at = int(row["happened"])
    return Event(
        event_id=row["event_id"].bytes,
        event_type=row["event_type"],
        at=at,
        received_at=at,
        student_id=row["student_id"].bytes,
        session_id=NIL,
        **{name: row[name] for name in _AS_THEY_ARE},
    )


_AS_THEY_ARE = (
    "course_id",
    "lesson_id",
    "video_id",
    "assessment_id",
    "position",
    "position_to",
    "score",
    "passed",
    "attempt",
    "question_id",
    "correct",
)
