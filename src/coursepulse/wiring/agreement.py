"""What a changed consent does beyond the door: numbers leave the student out, or count the student again."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from coursepulse.metrics.profiles import Profiles
from coursepulse.privacy.consent import Consents, Decision, Purpose
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.wiring.touched import Touched

#: Students handled at a time.
_SOME = 10_000


class Agreement:
    """Takes decisions to where numbers are made.

    :param tell_door: brings the door up to date; what it knows then is what holds
    """

    def __init__(
        self,
        not_agreed: NotAgreed,
        profiles: Profiles,
        touched: Touched,
        consents: Consents,
        tell_door: Callable[[], None],
    ) -> None:
        self._not_agreed, self._profiles, self._touched = not_agreed, profiles, touched
        self._consents, self._tell_door = consents, tell_door

    def apply(self, decisions: Iterable[Decision]) -> None:
        """Decisions have changed; all of them at the first call after a start."""
        students: set[bytes] = set()
        for decision in decisions:
            if decision.purpose is Purpose.ANALYTICS:
                students.add(decision.student)
            if len(students) >= _SOME:
                self._judge(students)
                students = set()
        self._judge(students)

    def _judge(self, students: set[bytes]) -> None:
        # These decisions may be newer than the door's last look, and nobody would judge them a second time.
        self._tell_door()
        changed = self._not_agreed.judge(students)
        days = self._not_agreed.days([*changed.left, *changed.back])
        self._touched.give_back(students=changed.back, days=days)
        refused = {one for one in students if not self._consents.allows(one, Purpose.ANALYTICS)}
        if refused:
            self._profiles.drop(refused)
