"""What ``GET /v1/health`` says of the stores and the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coursepulse.kit.clock import SECOND, from_micros
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.health import HealthFacts, PipelineFacts
from coursepulse.stream.pulse import Pulse
from coursepulse.stream.worker import PartitionWorker


class Health:
    """Asks each store a question that costs nothing.

    :param stores: by name, what asks it and raises a CoursepulseError when it does not answer
    :param pipeline: left out where another process stores
    :param predictions: why nobody is scored, empty if they are; left out where another process scores
    :param pulse: of the pipeline
    """

    def __init__(
        self,
        stores: Mapping[str, Callable[[], object]],
        pipeline: PartitionWorker | None = None,
        predictions: Callable[[], str] | None = None,
        pulse: Pulse | None = None,
    ) -> None:
        self._stores, self._pipeline, self._predictions = stores, pipeline, predictions
        self._pulse = pulse

    def report(self) -> HealthFacts:
        """JSON values; ``status`` is ``degraded`` while a store is away or the pipeline waits for one."""
        stores = {name: _state(ask) for name, ask in self._stores.items()}
        facts: HealthFacts = {"stores": stores}
        trouble = None
        if self._pipeline is not None:
            progress = self._pipeline.progress
            trouble, latest = progress.trouble, progress.latest_event_at
            facts["latest_data_at"] = None if latest is None else from_micros(latest).isoformat()
            facts["pipeline"] = {
                "applied": progress.applied,
                "duplicates": progress.duplicates,
                "trouble": trouble,
                "stages": {
                    stage: {"calls": taken.calls, "seconds": taken.seconds}
                    for stage, taken in self._pipeline.stages.items()
                },
                "partitions": {
                    str(partition): {"epoch": epoch, "behind": behind}
                    for partition, (epoch, behind) in self._pipeline.partitions().items()
                },
                "leading": self._pipeline.leading,
                "draining": self._pipeline.draining,
            }
            if self._pulse is not None:
                facts["pipeline"] |= _freshness(self._pulse)
        if self._predictions is not None:
            facts["predictions"] = self._predictions() or "ok"
        well = trouble is None and all(state == "ok" for state in stores.values())
        facts["status"] = "ok" if well else "degraded"
        return facts


def _freshness(pulse: Pulse) -> PipelineFacts:
    slowest, all_of_them = pulse.slowest(), pulse.freshness()
    return {
        "freshness_p99": None if slowest is None else slowest / SECOND,
        "freshness": {
            "within": {str(bound): events for bound, events in all_of_them.within.items()},
            "events": all_of_them.events,
            "seconds": all_of_them.seconds,
        },
    }


def _state(ask: Callable[[], object]) -> str:
    try:
        ask()
    except CoursepulseError as error:
        return str(error)
    return "ok"
