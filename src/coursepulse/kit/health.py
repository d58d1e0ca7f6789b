"""What a server says of its health."""

from __future__ import annotations

from typing import TypedDict


class StageFacts(TypedDict):
    """How often a stage ran since the start, and for how many seconds in all."""

    calls: int
    seconds: float


class PartitionFacts(TypedDict):
    """A partition of the log that this process reads: since which epoch, and how many blocks are not in the numbers."""

    epoch: int
    behind: int


class FreshnessFacts(TypedDict):
    """How late events were in the numbers since the start: how many within so many seconds, all, and seconds in all."""

    within: dict[str, int]
    events: int
    seconds: float


class PipelineFacts(TypedDict, total=False):
    """What the pipeline did since the start, and what it waits for, if anything."""

    applied: int
    duplicates: int
    trouble: str | None
    stages: dict[str, StageFacts]
    partitions: dict[str, PartitionFacts]
    leading: bool
    draining: bool
    freshness_p99: float | None
    freshness: FreshnessFacts


class HealthFacts(TypedDict, total=False):
    """The state of the stores and the pipeline, as JSON values. ``status`` is ``ok`` or ``degraded``.

    ``predictions`` is ``ok``, or says why nobody is scored although there is a model; numbers are right all the same.
    """

    status: str
    stores: dict[str, str]
    latest_data_at: str | None
    pipeline: PipelineFacts
    predictions: str
