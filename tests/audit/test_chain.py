"""The chain: any change of the past is found, and the first broken link is named."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from coursepulse.audit.chain import (
    GENESIS,
    PRUNED,
    Head,
    Link,
    canonical,
    derive_key,
    extend,
    read_pruned,
    tell_pruned,
    verify,
)
from coursepulse.audit.entry import LONGEST, AuditEntry, make_storable

KEY = derive_key(b"a secret of the tests")
FIELDS = AuditEntry.__struct_fields__

texts = st.text(max_size=3)
entries = st.builds(
    AuditEntry,
    at=st.integers(0, 1 << 52),
    actor=texts,
    role=texts,
    tag=texts,
    subject=texts,
    purpose=texts,
    request_id=texts,
    address=texts,
    detail=texts,
)
chains = st.lists(entries, min_size=1, max_size=6).map(lambda many: extend(KEY, GENESIS, many))


@given(chains)
def test_an_untouched_chain_holds(chain: list[Link]) -> None:
    last = Head(chain[-1].number, chain[-1].hash)
    assert verify(KEY, chain, anchor=last) == (len(chain), last, None, "")


@given(chains, st.data())
def test_a_change_of_any_field_is_named(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    name = data.draw(st.sampled_from(FIELDS))
    old = chain[place]
    other: Any = (
        old.entry.at + 1 if name == "at" else getattr(old.entry, name) + data.draw(st.text(min_size=1))
    )
    chain[place] = old._replace(entry=msgspec.structs.replace(old.entry, **{name: other}))
    assert verify(KEY, chain).broken == old.number


@given(chains, st.data())
def test_a_change_of_a_hash_is_named(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    chain[place] = chain[place]._replace(hash=data.draw(st.binary(min_size=32, max_size=32)))
    assert verify(KEY, chain).broken == place + 1


@given(chains, st.data())
def test_a_removal_is_named(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    anchor = Head(chain[-1].number, chain[-1].hash)
    del chain[place]
    assert verify(KEY, chain, anchor=anchor).broken == place + 1


@given(chains, st.data())
def test_a_removal_that_closes_the_gap_is_named(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    anchor = Head(chain[-1].number, chain[-1].hash)
    left = chain[:place] + chain[place + 1 :]
    shifted = [one._replace(number=number) for number, one in enumerate(left, 1)]
    assert verify(KEY, shifted, anchor=anchor).broken == place + 1


@given(chains.filter(lambda chain: len(chain) > 1), st.data())
def test_a_swap_is_named(chain: list[Link], data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(chain) - 2))
    second = data.draw(st.integers(first + 1, len(chain) - 1))
    one, two = chain[first], chain[second]
    chain[first] = two._replace(number=one.number)
    chain[second] = one._replace(number=two.number)
    assert verify(KEY, chain).broken == first + 1


@given(chains, entries, st.data())
def test_an_insertion_is_named(chain: list[Link], more: AuditEntry, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain)))
    forged = extend(b"the wrong key", Head(place, chain[place - 1].hash if place else bytes(32)), [more])
    later = [one._replace(number=one.number + 1) for one in chain[place:]]
    assert verify(KEY, chain[:place] + forged + later).broken == place + 1


@given(chains, st.data())
def test_whoever_lacks_the_key_cannot_write_it_anew(chain: list[Link], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 1))
    before = Head(place, chain[place - 1].hash if place else bytes(32))
    anew = extend(b"the wrong key", before, [one.entry for one in chain[place:]])
    assert verify(KEY, chain[:place] + anew).broken == place + 1


@given(chains, st.lists(entries, max_size=3), st.data())
def test_a_tail_that_was_cut_off_and_grew_again_is_found(
    chain: list[Link], more: list[AuditEntry], data: st.DataObject
) -> None:
    anchor = Head(chain[-1].number, chain[-1].hash)
    keep = data.draw(st.integers(0, len(chain) - 1))
    head = Head(keep, chain[keep - 1].hash if keep else bytes(32))
    other = [msgspec.structs.replace(entry, purpose="something else") for entry in more]
    verdict = verify(KEY, chain[:keep] + extend(KEY, head, other), anchor=anchor)
    assert verdict.broken is not None
    assert keep < verdict.broken <= anchor.number


@given(chains, st.data())
def test_a_pruned_chain_still_verifies(chain: list[Link], data: st.DataObject) -> None:
    gone = data.draw(st.integers(1, len(chain)))
    start = Head(gone, chain[gone - 1].hash)
    note = AuditEntry(at=1, actor="retention", role="service", tag=PRUNED, detail=tell_pruned(start))
    chain += extend(KEY, Head(chain[-1].number, chain[-1].hash), [note])
    assert verify(KEY, chain[gone:], start=start).broken is None
    one_more_gone = verify(KEY, chain[gone + 1 :], start=start).broken
    assert one_more_gone == (gone if gone == len(chain) - 1 else gone + 1)
    assert verify(KEY, chain[gone:]).broken == 1
    assert verify(KEY, chain[gone:-1], start=start).broken == gone


def test_fields_do_not_flow_into_each_other() -> None:
    one = AuditEntry(at=1, actor="ab", role="c", tag="t")
    other = AuditEntry(at=1, actor="a", role="bc", tag="t")
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize("detail", ["", "through x y", "through 5", "through 5 zz"])
def test_what_is_no_pruning_note_proves_nothing(detail: str) -> None:
    assert read_pruned(detail) == GENESIS


def test_an_entry_is_made_storable() -> None:
    entry = make_storable(
        AuditEntry(at=1, actor="a\x00b", role="r", tag="t", purpose="\ud800", detail="x" * 9999)
    )
    assert (entry.actor, entry.purpose, len(entry.detail)) == ("a\ufffdb", "?", LONGEST)
