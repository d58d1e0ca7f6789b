"""The table of stream processors, and of the sinks that their outputs go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from coursepulse.alerts.catalog import RULES
from coursepulse.alerts.sink import AlertSink
from coursepulse.alerts.streaks import streaks
from coursepulse.privacy.consent import Purpose
from coursepulse.stream.processor import OutputSink, Processor
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.snapshots import SnapshotFile

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def processors(of: Components) -> Sequence[Processor[Any]]:
    """Everything that watches the events as they come."""
    return streaks(RULES, of.assessments, of.thresholds.values)


def sinks(of: Components) -> Sequence[OutputSink]:
    """Where what processors say goes."""
    return (AlertSink(of.alerts, RULES, of.clock),)


def open_runner(of: Components) -> EmbeddedRunner:
    """Processors in this process; they see students who agreed to analytics, and nobody else."""
    register = of.consents.register
    runner = EmbeddedRunner(
        processors(of),
        sinks(of),
        file=SnapshotFile(of.settings.data / "log" / "processors.states"),
        admits=lambda student: register.allows(student, Purpose.ANALYTICS),
    )
    # What is open by the old numbers may be over by the new ones, and the other way round.
    of.thresholds.on_changed(runner.reconcile)
    return runner
