"""Finding the one event that a store refuses, so that its neighbours go through.

A refused batch is halved until single events are left; those that are refused alone become dead letters.
When *everything* is refused the store is more likely at fault than the events: the batch waits a while before
anybody is blamed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

import structlog

from coursepulse.events.event import Event
from coursepulse.kit.errors import StoreRejected, StoreUnavailable
from coursepulse.log.port import Block, event_position
from coursepulse.stream.ports import RawStore, Refusals, Renewed, Rollups
from coursepulse.stream.retry import Retry

_log = structlog.get_logger(__name__)


class Placed(NamedTuple):
    """An event and its position in the log."""

    position: int
    event: Event


def place(blocks: list[Block]) -> list[Placed]:
    """Every event of ``blocks`` with its own log position."""
    return [
        Placed(event_position(block.position, index), event)
        for block in blocks
        for index, event in enumerate(block.events)
    ]


def store_blocks(
    raw: RawStore, blocks: list[Block], retry: Retry, refuse: Refusals
) -> tuple[list[Event], int]:
    """Write blocks to the raw store; returns the fresh events and the number of duplicates."""
    try:
        written = retry(lambda: raw.write(blocks))
    except StoreRejected as error:
        _log.warning(
            "batch_refused", store="postgres", events=sum(len(b.events) for b in blocks), error=str(error)
        )
        return _store_piecemeal(raw, blocks, retry, refuse)
    return written.fresh, written.duplicates


def _store_piecemeal(
    raw: RawStore, blocks: list[Block], retry: Retry, refuse: Refusals
) -> tuple[list[Event], int]:
    placed = place(blocks)
    every = {one.position for one in placed}
    fresh: list[Event] = []
    duplicates = 0

    def attempt(part: list[Placed]) -> None:
        nonlocal duplicates
        written = retry(lambda: raw.write(blocks, every.difference(one.position for one in part)))
        fresh.extend(written.fresh)
        duplicates += written.duplicates

    retry(lambda: blame(placed, attempt, _patiently(refuse, retry), patient=not retry.weary))
    return fresh, duplicates


def insert(
    rollups: Rollups[Any], events: list[Event], cycle: int, retry: Retry, refuse: Refusals
) -> list[Any]:
    """Let the rollups take fresh events in; returns what they made of them, to be renewed part by part."""
    if not events:
        return []
    try:
        return [retry(lambda: rollups.insert(events))]
    except StoreRejected as error:
        parts: list[Any] = []
        _take_piecemeal(events, cycle, lambda part: parts.append(rollups.insert(part)), error, retry, refuse)
        return parts


def renew(
    rollups: Rollups[Any], events: list[Event], parts: list[Any], cycle: int, retry: Retry, refuse: Refusals
) -> list[Renewed]:
    """Bring up to date what fresh events touch.

    :param parts: what :func:`insert` returned for them
    """
    renewed: list[Renewed] = []
    try:
        renewed += [retry(partial(rollups.renew, part, cycle)) for part in parts]
    except StoreRejected as error:
        _take_piecemeal(
            events, cycle, lambda some: renewed.append(rollups.refresh(some, cycle)), error, retry, refuse
        )
    return renewed


def _take_piecemeal(
    events: list[Event],
    cycle: int,
    attempt: Callable[[list[Event]], None],
    error: StoreRejected,
    retry: Retry,
    refuse: Refusals,
) -> None:
    _log.warning("batch_refused", store="clickhouse", events=len(events), error=str(error))
    placed = [Placed(cycle, event) for event in events]
    retry(
        lambda: blame(
            placed,
            lambda part: retry(lambda: attempt([one.event for one in part])),
            _patiently(refuse, retry),
            patient=not retry.weary,
        )
    )


def _patiently(refuse: Refusals, retry: Retry) -> Refusals:
    """Dead letters may be on a disk that is full: one waits for that alone, without trying the stores again."""

    def wait(event: Event, position: int, why: str) -> None:
        retry(lambda: refuse(event, position, why))

    return wait


def blame(
    placed: list[Placed], attempt: Callable[[list[Placed]], None], refuse: Refusals, *, patient: bool
) -> None:
    """Carry out ``attempt`` on every part that goes through, and hand the rest to ``refuse``, one by one.

    :raises StoreUnavailable: when not one of several events goes through, and one is ``patient``
    """
    guilty = list(_search(placed, attempt))
    if patient and len(guilty) == len(placed) > 1:
        raise StoreUnavailable(f"The store refuses every event of a batch: {guilty[0][1]}")
    for one, why in guilty:
        refuse(one.event, one.position, why)


def _search(placed: list[Placed], attempt: Callable[[list[Placed]], None]) -> Iterator[tuple[Placed, str]]:
    try:
        attempt(placed)
    except StoreRejected as error:
        if len(placed) == 1:
            yield placed[0], str(error)
            return
        middle = len(placed) // 2
        yield from _search(placed[:middle], attempt)
        yield from _search(placed[middle:], attempt)
