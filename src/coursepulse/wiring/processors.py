"""The table of stream processors, and of the sinks that their outputs go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.sink import AlertSink
from coursepulse.alerts.streaks import streaks
from coursepulse.privacy.consent import Purpose
from coursepulse.stream.processor import Admits, OutputSink, Processor
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


def sinks(of: Components) -> Sequence[OutputSink]:
    """Where what processors say goes."""
    closings = SessionEnds(of.log, of.raw.find_stored, _admits(of), of.clock)
    return (AlertSink(of.alerts, RULES, of.clock), of.live_table, closings)


def open_runner(of: Components) -> EmbeddedRunner:
    """Processors in this process; they see students who agreed to analytics, and nobody else."""
    runner = EmbeddedRunner(
        processors(of),
        sinks(of),
        file=SnapshotFile(of.settings.data / "log" / "processors.states"),
        admits=_admits(of),
    )
    # What is open by the old numbers may be over by the new ones, and the other way round.
    of.thresholds.on_changed(runner.reconcile)
    return runner


def _admits(of: Components) -> Admits:
    register = of.consents.register
    return lambda student: register.allows(student, Purpose.ANALYTICS)
