"""The table of stream processors, and of the sinks that their outputs go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from coursepulse.aggregates.live import LivePart
from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.sink import AlertSink
from coursepulse.alerts.streaks import streaks
from coursepulse.log.positions import partition_of
from coursepulse.privacy.consent import Purpose
from coursepulse.stream.processor import About, Admits, OutputSink, Processor
from coursepulse.stream.processors.quiz_scoring import QuizScoring
from coursepulse.stream.processors.sessions import LiveSessions
from coursepulse.stream.processors.video_progress import VideoProgressing
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.session_ends import SessionEnds
from coursepulse.stream.snapshots import SnapshotFile

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def processors(of: Components) -> Sequence[Processor[Any]]:
    """Everything that watches the events as they come."""
    alerts = streaks(RULES, of.assessments, of.thresholds.values)
    return (LiveSessions(), VideoProgressing(), QuizScoring(), *alerts)


def sinks(of: Components, about: About) -> Sequence[OutputSink]:
    """Where what processors say goes.

    :param about: the students of whom these processors see the events
    """
    closings = SessionEnds(of.log, of.raw.find_stored, _admits(of), of.clock)
    return (AlertSink(of.alerts, RULES, of.clock, about), LivePart(of.live_table, about), closings)


def open_runner(of: Components, partition: int) -> EmbeddedRunner:
    """Processors of one partition; they see students who agreed to analytics, and nobody else."""
    partitions = of.log.partitions
    name = "processors.states" if partitions == 1 else f"processors-{partition}.states"
    runner = EmbeddedRunner(
        processors(of),
        sinks(of, lambda student: partition_of(student, partitions) == partition),
        file=SnapshotFile(of.settings.data / "log" / name),
        admits=_admits(of),
    )
    of.runners[partition] = runner
    return runner


def _admits(of: Components) -> Admits:
    register = of.consents.register
    return lambda student: register.allows(student, Purpose.ANALYTICS)
