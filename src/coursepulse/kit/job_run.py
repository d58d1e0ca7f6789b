"""A run of a job, as people look it up."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.clock import Micros


class JobRun(NamedTuple):
    """When a job ran, and how it ended.

    :param outcome: ``done``, ``failed`` for an error that was foreseen, or ``crashed``
    :param sentence: what was done or what went wrong, in words
    """

    job: str
    started_at: Micros
    ended_at: Micros
    outcome: str
    sentence: str
