"""When a planned job is due, in UTC: the same moments for everybody who plans it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class JobPlan(NamedTuple):
    """Every hour at ``minute``; or every day at an hour; or only on one weekday, or one day of the month.

    :param weekday: 0 for Monday
    :param day: 1 to 28
    """

    minute: int
    hour: int | None = None
    weekday: int | None = None
    day: int | None = None

    @property
    def cron(self) -> str:
        """The same for programs that plan with cron."""
        hour, day = ("*" if each is None else each for each in (self.hour, self.day))
        weekday = "*" if self.weekday is None else (self.weekday + 1) % 7
        return f"{self.minute} {hour} {day} * {weekday}"

    def latest(self, now: datetime) -> datetime:
        """The last moment at which it was due."""
        moment = self._beside(now)
        while moment > now or not self._is_on(moment):
            moment -= self._step
        return moment

    def after(self, now: datetime) -> datetime:
        """The next moment at which it is due."""
        moment = self._beside(now)
        while moment <= now or not self._is_on(moment):
            moment += self._step
        return moment

    @property
    def _step(self) -> timedelta:
        return _HOUR if self.hour is None else _DAY

    def _beside(self, now: datetime) -> datetime:
        hour = now.hour if self.hour is None else self.hour
        return now.replace(hour=hour, minute=self.minute, second=0, microsecond=0)

    def _is_on(self, moment: datetime) -> bool:
        return self.weekday in (None, moment.weekday()) and self.day in (None, moment.day)
