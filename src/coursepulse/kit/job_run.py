"""A run of a job, as people look it up."""

from __future__ import annotations

from typing import NamedTuple

from coursepulse.kit.clock import Micros


class JobRun(NamedTuple):
    """When a job ran, and how it ended.

    :param outcome: ``done``, ``failed`` for an error that was foreseen, or ``crashed``
    :param sentence: what was done or what went wrong, in words
    :param planned_for: the time that the run was planned for; None for jobs with an interval
    :param planned_by: ``server``, ``airflow`` or ``command``; empty for jobs with an interval
    """

    job: str
    started_at: Micros
    ended_at: Micros
    outcome: str
    sentence: str
    planned_for: Micros | None = None
    planned_by: str = ""
