"""The table of stream processors, and of the sinks that their outputs go to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from coursepulse.privacy.consent import Purpose
from coursepulse.stream.processor import OutputSink, Processor
from coursepulse.stream.runners.embedded import EmbeddedRunner
from coursepulse.stream.snapshots import SnapshotFile

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def processors(_: Components) -> Sequence[Processor[Any]]:
    """Everything that watches the events as they come."""
    return ()


def sinks(_: Components) -> Sequence[OutputSink]:
    """Where what processors say goes."""
    return ()


def open_runner(of: Components) -> EmbeddedRunner:
    """Processors in this process; they see students who agreed to analytics, and nobody else."""
    register = of.consents.register
    return EmbeddedRunner(
        processors(of),
        sinks(of),
        file=SnapshotFile(of.settings.data / "log" / "processors.states"),
        admits=lambda student: register.allows(student, Purpose.ANALYTICS),
    )
