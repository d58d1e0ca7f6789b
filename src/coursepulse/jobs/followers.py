"""The followers of the pipeline: enrolments, learners, their catalog, platform-wide days and profiles of students."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date
from itertools import islice
from typing import ClassVar, TypeAlias

import structlog

from coursepulse.aggregates.learners import LEARNERS, LearnerRollups
from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.campus.enrolments import Listing
from coursepulse.kit.clock import Clock, utc_date
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.postgres.enrolments import RosterFeed
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.stream.changed_keys import ChangedKeys, Learner
from coursepulse.stream.isolate import spare_others
from coursepulse.stream.stages import SERVED, AppliedBatch

_log = structlog.get_logger(__name__)

#: Profiles renewed in one turn, at most half of them of changed students: no import and no new day holds up the
#: other jobs. Each turn looks up what the courses are like, which for much fewer would cost more than the profiles.
SOME = 1_000

#: Days whose platform-wide rows are renewed in one turn: each reads everybody who learned on that day.
SOME_DAYS = 10


#: Is told which learners have new rows.
Renewal: TypeAlias = Callable[[Collection[Learner]], None]


def _nobody_asks(learners: Collection[Learner]) -> None:
    """Rows are renewed for their own sake."""


class PlatformFollower:
    """Renews the platform-wide rows of changed days; what cannot be renewed now is due again at the next turn.

    Which days have changed, by events or by a consent, is remembered in memory only: after a start all are due.

    :param tell: called when rows have changed
    """

    name: ClassVar[str] = "platform_days"

    def __init__(
        self, rollups: Rollups, changed_keys: ChangedKeys, tell: Callable[[], None] = lambda: None
    ) -> None:
        self._rollups, self._changed_keys, self._tell = rollups, changed_keys, tell
        self._started = False

    def refresh(self) -> None:
        """Bring the rows of some changed days up to date, the newest first."""
        if not self._started:
            self._changed_keys.days.add(self._rollups.active_days())
            self._started = True
        with self._changed_keys.days.newest(SOME_DAYS) as days:
            # After taking: rows must not be older than the batch that changed them.
            applied = self._changed_keys.applied
            version = applied.position if applied else 0
            if days:
                spare_others("platform day", days, lambda some: self._rollups.refresh_platform(some, version))
                self._tell()


class ProfileFollower:
    """Renews the profiles of changed students; after a start and on each new UTC day, all that are not today's.

    Changed students are remembered in memory only. A search after each start finds those that were lost. If it is cut
    off, the next one goes on where it was: each profile says which version and which day it knows.
    """

    name: ClassVar[str] = "profiles"

    def __init__(
        self, profiles: Profiles, raw: PostgresRawStore, changed_keys: ChangedKeys, clock: Clock
    ) -> None:
        self._profiles, self._raw, self._changed_keys, self._clock = profiles, raw, changed_keys, clock
        self._begun_at = raw.position(SERVED)
        self._searched: date | None = None
        self._due: Iterator[bytes] = iter(())

    def refresh(self) -> None:
        """Bring the profiles of some changed students up to date, and others that are due."""
        # Before looking: what the rollups of learners take in meanwhile touches its students again.
        reached = self._raw.position(LEARNERS)
        try:
            with self._changed_keys.students.turn(SOME // 2) as students:
                students.update(self._find_due(reached, SOME - len(students)))
                if students:
                    spare_others(
                        "profile", list(students), lambda some: self._profiles.refresh(some, reached)
                    )
        except BaseException:
            self._searched = None
            raise

    def _find_due(self, reached: int, room: int) -> Iterator[bytes]:
        # Earlier, a profile would be made of rows that the last run left undone.
        if reached < self._begun_at:
            return iter(())
        today = utc_date(self._clock())
        if self._searched != today:
            self._searched, self._due = today, self._profiles.due()
        return islice(self._due, room)


class RosterFollower:
    """Copies the enrolments of the roster, change by change, to where numbers are made.

    How far it has come stands in the copy itself; a change that a stop cut off is taken in again.

    :param check: called with students who are about to be counted
    :param tell: called when rows have changed
    :param renewed: called with learners whose rows are up to date, in the same turn
    """

    name: ClassVar[str] = "enrolments"

    def __init__(
        self,
        feed: RosterFeed,
        copy: RosterCopy,
        learners: LearnerRollups,
        raw: PostgresRawStore,
        changed_keys: ChangedKeys,
        check: Callable[[list[bytes]], None],
        tell: Callable[[], None] = lambda: None,
        renewed: Renewal = _nobody_asks,
    ) -> None:
        self._feed, self._copy, self._learners, self._tell = feed, copy, learners, tell
        self._raw, self._changed_keys, self._check = raw, changed_keys, check
        self._renewed = renewed
        self._taken: int | None = None

    def refresh(self) -> None:
        """Take in what has changed since the last turn."""
        if self._taken is None:
            self._taken = self._find_taken()
        newest = self._feed.newest()
        if newest != self._taken:
            for listings in self._feed.changed(self._taken, newest):
                self._take_in(listings)
            self._taken = newest

    def _find_taken(self) -> int:
        """The last change that is in the copy, all of it."""
        newest, rows = self._copy.newest()
        return newest if rows == self._feed.count(newest) else newest - 1

    def _take_in(self, listings: Sequence[Listing]) -> None:
        # Students who do not agree are left out from the start.
        self._check(list({each.student_id for each in listings}))
        self._copy.put(listings)
        learners = {(each.course_id, each.student_id) for each in listings}
        self._learners.refresh(learners, self._raw.position(SERVED), awaited=True)
        self._tell()
        self._changed_keys.followed(learners)
        self._renewed(learners)


class LearnerFollower:
    """Renews the rollups of learners that a batch changed, and records how far it has come.

    Who has changed is remembered in memory only: after a start the first turn compares all rows.

    :param renewed: called in each turn with the learners whose rows it has renewed, which may be none
    :param resumes: it is told again of all that have changed since the position that was recorded last; until they are
        renewed, that position stands
    """

    name: ClassVar[str] = "learners"

    def __init__(
        self,
        learners: LearnerRollups,
        raw: PostgresRawStore,
        changed_keys: ChangedKeys,
        renewed: Renewal = _nobody_asks,
        *,
        resumes: bool = False,
    ) -> None:
        self._learners, self._raw, self._changed_keys = learners, raw, changed_keys
        self._renewed, self._resumes = renewed, resumes
        self._started = False
        self._noted = 0

    def refresh(self) -> None:
        """Bring the rows of changed learners up to date."""
        if not self._started:
            self._catch_up()
        self._renewed(self._renew())

    def _renew(self) -> set[Learner]:
        # Before taking: every learner of the batches up to this one is taken now, or was before.
        applied = self._changed_keys.applied
        if applied is None or applied.position == self._noted:
            return set()
        position = applied.position
        with self._changed_keys.learners.turn() as learners:
            spare_others("learner", list(learners), lambda some: self._learners.refresh(some, position))
        self._changed_keys.followed(learners)
        self._note(applied)
        return learners

    def _catch_up(self) -> None:
        served = self._raw.progress(SERVED)
        if served:
            self._refresh_stale(served.position)
            if not self._resumes:
                self._raw.advance(LEARNERS, *served)
        self._started = True

    def _refresh_stale(self, version: int) -> None:
        try:
            self._learners.refresh_stale(version)
        except StoreUnavailable:
            raise
        # One learner who cannot be worked on must not keep all others from being brought up to date from now on.
        except Exception:  # noqa: BLE001
            _log.exception("stale_learners_left_out")

    def _note(self, applied: AppliedBatch) -> None:
        self._raw.advance(LEARNERS, applied.position, applied.latest_event_at, applied.applied_at)
        self._noted = applied.position


class CatalogFollower:
    """Takes changed lists of lessons and lengths of videos to the rollups of learners.

    :param changed: set when there may be any, from the catalog or from what events say if there is none
    :param tell: called when rows may have changed
    """

    name: ClassVar[str] = "catalog_of_learners"

    def __init__(
        self,
        learners: LearnerRollups,
        raw: PostgresRawStore,
        changed: threading.Event,
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self._learners, self._raw, self._changed, self._tell = learners, raw, changed, tell

    def refresh(self) -> None:
        """Take in what may have changed since the last turn."""
        if not self._changed.is_set():
            return
        # Before looking: what comes meanwhile is due at the next turn.
        self._changed.clear()
        try:
            self._learners.refresh_catalog(self._raw.position(SERVED))
            self._tell()
        except BaseException:
            self._changed.set()
            raise
