"""What follows the pipeline at its own pace: platform-wide days and student profiles."""

from __future__ import annotations

from coursepulse.metrics.profiles import Profiles
from coursepulse.metrics.rollups import Rollups
from coursepulse.wiring.touched import Touched

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
