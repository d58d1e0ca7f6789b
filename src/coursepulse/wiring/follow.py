"""What follows the pipeline at its own pace: learners, platform-wide days and student profiles."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager

from coursepulse.metrics.learners import LEARNERS, LearnerRollups
from coursepulse.metrics.profiles import Profiles
from coursepulse.metrics.rollups import Rollups
from coursepulse.store.postgres.raw import RawStore
from coursepulse.stream.pipeline import SERVED, Applied
from coursepulse.wiring.touched import Touched


def in_turn(lock: AbstractContextManager[bool], work: Callable[[], None]) -> Callable[[], None]:
    """``work``, while nobody else has the lock."""

    def run() -> None:
        with lock:
            work()

    return run


#: Profiles renewed in one turn, so that a large import does not hold up the other jobs.
SOME = 500


class Follow:
    """Renews what a batch touched; what cannot be renewed now is due again at the next turn."""

    def __init__(self, rollups: Rollups, profiles: Profiles, touched: Touched) -> None:
        self._rollups, self._profiles, self._touched = rollups, profiles, touched

    def refresh_platform(self) -> None:
        """Bring the platform-wide row of each touched day up to date."""
        days, cycle = self._touched.take_days()
        if not days:
            return
        try:
            self._rollups.refresh_platform(days, cycle)
        except BaseException:
            self._touched.give_back(days=days)
            raise

    def refresh_profiles(self) -> None:
        """Bring the profiles of some touched students up to date."""
        students = list(self._touched.take_students())
        now, later = students[:SOME], students[SOME:]
        self._touched.give_back(students=later)
        if not now:
            return
        try:
            self._profiles.refresh(now)
        except BaseException:
            self._touched.give_back(students=now)
            raise


class FollowLearners:
    """Renews the rollups of learners that a batch touched, and says how far they have come.

    Who was touched is remembered in memory only: after a start the first turn compares all rows.

    :param news: set when the catalog may have changed, or what events say in its place
    """

    def __init__(
        self, learners: LearnerRollups, raw: RawStore, touched: Touched, news: threading.Event
    ) -> None:
        self._learners, self._raw, self._touched, self._news = learners, raw, touched, news
        self._started = False
        self._noted = 0

    def refresh(self) -> None:
        """Bring the rows of the touched learners up to date."""
        if not self._started:
            self._catch_up()
        learners, applied = self._touched.take_learners()
        if applied is None or applied.position == self._noted:
            return
        try:
            self._learners.refresh(learners, applied.position)
        except BaseException:
            self._touched.give_back(learners=learners)
            raise
        self._note(applied)

    def refresh_catalog(self) -> None:
        """Take in changed lists of lessons and lengths of videos, if there may be any."""
        if not self._news.is_set():
            return
        # Before looking: what comes meanwhile is due at the next turn.
        self._news.clear()
        try:
            self._learners.refresh_catalog(self._raw.position(SERVED))
        except BaseException:
            self._news.set()
            raise

    def _catch_up(self) -> None:
        served = self._raw.progress(SERVED)
        if served:
            self._learners.refresh_stale(served.position)
            self._raw.advance(LEARNERS, *served)
        self._started = True

    def _note(self, applied: Applied) -> None:
        self._raw.advance(LEARNERS, applied.position, applied.latest_event_at, applied.applied_at)
        self._noted = applied.position
