"""How long a run may take: ``make test`` looks at a few examples of each property, ``make test-long`` at many."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

#: Whether this is the long run.
LONG = os.environ.get("TEST_LONG") == "1"


def some(number: int) -> int:
    """So many in the long run, a fifth of it otherwise."""
    return number if LONG else max(2, number // 5)


#: For a property that asks everything there is to ask: its examples that are written down, and others in the long run.
WRITTEN_DOWN = settings(
    max_examples=4,
    deadline=None,
    phases=tuple(Phase) if LONG else (Phase.explicit,),
    suppress_health_check=[HealthCheck.too_slow],
)


def examples(number: int) -> settings:
    """Examples of a property that needs a database, as :func:`some` says."""
    return settings(max_examples=some(number), suppress_health_check=[HealthCheck.too_slow])
