"""What a sender brings is counted alike however it is cut into requests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from coursepulse.collect.senders import CLOCK, SenderBook, SenderCount, add_up
from coursepulse.definitions.clocks import middle_of, step_of
from coursepulse.kit.clock import HOUR, MINUTE, SECOND, from_micros
from coursepulse.kit.errors import StoreUnavailable
from tests.collect.harness import CollectorHarness, event
from tests.reference.quality import Sent, count_sent

#: How long before its receipt an event happened, and whether its type exists.
events = st.lists(
    st.tuples(st.sampled_from([-MINUTE, 0, SECOND, HOUR, HOUR + SECOND, 3 * HOUR]), st.booleans()),
    min_size=1,
    max_size=8,
)


def counts_of(collector: CollectorHarness) -> dict[tuple[int, str, str], int]:
    return {(each.day, each.sender, each.what): each.number for each in taken(collector)}


def taken(collector: CollectorHarness) -> list[SenderCount]:
    return collector.worker.take_counts()


def stamp(collector: CollectorHarness, age: int) -> str:
    return from_micros(collector.now - age).isoformat()


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=events, data=st.data())
def test_counts_do_not_depend_on_requests(
    collector: CollectorHarness, sent: list[tuple[int, bool]], data: st.DataObject
) -> None:
    taken(collector)
    bodies = [
        event(timestamp=stamp(collector, age), event_type="lesson_start" if good else "nonsense")
        for age, good in sent
    ]
    cut = data.draw(st.integers(0, len(bodies)))
    for part in (bodies[:cut], bodies[cut:]):
        if part:
            collector.send(*part)
    expected = count_sent(
        Sent("sender", collector.now, collector.now - age, "" if good else "unknown_event_type")
        # An event of an unknown type cannot be read: nobody knows when it happened.
        for age, good in [(age if good else 0, good) for age, good in sent]
    )
    found = counts_of(collector)
    assert {key: number for key, number in found.items() if not key[2].startswith(CLOCK)} == expected


def test_the_clock_is_that_of_the_newest_event_of_a_request(collector: CollectorHarness) -> None:
    for ages in ((3 * HOUR, 2 * SECOND), (HOUR, 2 * SECOND), (50 * SECOND,)):
        collector.send(*(event(timestamp=stamp(collector, age)) for age in ages))
    found = Counter(
        {int(each.what.removeprefix(CLOCK)): each.number for each in taken(collector) if CLOCK in each.what}
    )
    assert found == {step_of(2 * SECOND): 2, step_of(50 * SECOND): 1}
    assert middle_of(found) == pytest.approx(2, rel=0.1)


def test_a_clock_that_is_ahead_is_seen_though_its_events_are_refused(collector: CollectorHarness) -> None:
    collector.send(event(timestamp=stamp(collector, -2 * HOUR)))
    whats = {each.what for each in taken(collector)}
    assert whats == {"refused:timestamp_in_future", f"{CLOCK}{step_of(-2 * HOUR)}"}


def test_a_sender_of_past_events_is_never_late_and_has_no_clock(collector: CollectorHarness) -> None:
    old = datetime.now(UTC) - timedelta(days=3000)
    collector.send(event(timestamp=old.isoformat()), key="importer")
    assert {each.what for each in taken(collector)} == {"accepted"}


def test_what_cannot_be_kept_waits_and_is_kept_once() -> None:
    kept: list[SenderCount] = []
    batches = [[SenderCount(1, "lms", "accepted", 2)], [SenderCount(1, "lms", "accepted", 3)], []]
    broken = [True]

    def keep(counts: Sequence[SenderCount]) -> None:
        if broken:
            broken.pop()
            raise StoreUnavailable("PostgreSQL is away.")
        kept.extend(counts)

    book = SenderBook([lambda: batches.pop(0) if batches else []], keep)
    with pytest.raises(StoreUnavailable):
        book.write()
    book.write()
    book.close()
    assert kept == [SenderCount(1, "lms", "accepted", 5)]


def test_counts_of_the_same_thing_become_one() -> None:
    counts = [SenderCount(1, "a", "late", 1), SenderCount(1, "a", "late", 2), SenderCount(2, "a", "late", 4)]
    assert add_up(reversed(counts)) == [SenderCount(1, "a", "late", 3), SenderCount(2, "a", "late", 4)]
