"""The parts that the simulation is made of: stations with a queue, and sums over what waited how long."""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from typing import TypeAlias

from coursepulse.kit.errors import SettingError

try:
    import simpy
except ImportError:
    raise SettingError("The simulation needs: pip install 'coursepulse[plan]'.") from None

#: What simpy runs: a function that yields what it waits for.
Walk: TypeAlias = Generator[simpy.Event, object, None]


class Station:
    """Servers behind one queue, first come, first served."""

    def __init__(self, env: simpy.Environment, servers: int) -> None:
        self._env, self._servers = env, simpy.Resource(env, servers)
        #: The most that ever waited at once.
        self.longest = 0

    def serve(self, seconds: float) -> Walk:
        """Wait for a server, then keep it for ``seconds``."""
        with self._servers.request() as turn:
            self.longest = max(self.longest, len(self._servers.queue))
            yield turn
            yield self._env.timeout(seconds)


def weighted_percentile(values: Sequence[tuple[float, int]], share: float) -> float:
    """The value below which ``share`` (0-1) of the weight lies, nearest rank; NaN of nothing."""
    ordered = sorted(values)
    wanted = share * sum(weight for _, weight in ordered)
    for value, weight in ordered:
        wanted -= weight
        if wanted <= 0:
            return value
    return math.nan
