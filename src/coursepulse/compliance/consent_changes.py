"""What a changed consent does beyond the collector: numbers leave the student out, or count the student again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable

from coursepulse.aggregates.profiles import Profiles
from coursepulse.privacy.consent import ConsentDecision, Consents, Purpose
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.stream.changed_keys import ChangedKeys

#: Students handled at a time.
_SOME = 10_000


class Agreement:
    """Takes decisions to where numbers are made.

    :param tell_collector: brings the collector up to date; what it knows then is what holds
    :param forget: takes a student out of what stream processors keep
    :param drop_alerts: removes what was said about students to others
    :param forget_results: empties the result cache
    """

    def __init__(
        self,
        not_agreed: NotAgreed,
        profiles: Profiles,
        changed_keys: ChangedKeys,
        consents: Consents,
        tell_collector: Callable[[], None],
        forget: Callable[[bytes], int],
        drop_alerts: Callable[[Collection[bytes]], int],
        forget_results: Callable[[], None],
    ) -> None:
        self._not_agreed, self._profiles, self._changed_keys = not_agreed, profiles, changed_keys
        self._consents, self._tell_collector = consents, tell_collector
        self._forget, self._drop_alerts, self._forget_results = forget, drop_alerts, forget_results

    def apply(self, decisions: Iterable[ConsentDecision]) -> None:
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
        # These decisions may be newer than the collector's last look, and nobody would judge them a second time.
        self._tell_collector()
        changed = self._not_agreed.judge(students)
        if students:
            self._forget_results()
        for student in changed.left:
            self._forget(student)
        days = self._not_agreed.days([*changed.left, *changed.back])
        self._changed_keys.days.add(days)
        self._changed_keys.students.add(changed.back)
        refused = {one for one in students if not self._consents.allows(one, Purpose.ANALYTICS)}
        if refused:
            self._profiles.drop(refused)
            self._drop_alerts(refused)
