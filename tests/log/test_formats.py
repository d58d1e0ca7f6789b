"""Versions side by side: what an older one has written is read, and what a newer one has written is left alone."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
import zstandard

from coursepulse.events.event import Event
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.log.positions import start
from coursepulse.log.records import MARK
from tests.log.conftest import Disk
from tests.log.samples import event
from tests.log.test_contract import EVER, by, read_all

#: Three failed submits, as a version wrote them whose events had 29 fields.
OLDER = Path(__file__).parent / "recorded" / "block_of_29_fields.bin"

#: Of a later format: what follows the number is unknown.
NEWER = MARK + b"\x02 whatever comes then"


def test_what_an_older_version_has_written_is_read(disk: Disk) -> None:
    body = OLDER.read_bytes()
    fields = msgspec.msgpack.decode(zstandard.decompress(body))
    assert {len(each) for each in fields} == {29}
    assert len(Event.__struct_fields__) > 29
    disk.put(body, 3)
    [block] = disk.open().read(start(), EVER)
    assert not block.broken
    assert [(one.event_type, one.score, one.attempt) for one in block.events] == [
        ("quiz_submit", 10.0, number) for number in (1, 2, 3)
    ]
    assert {(one.sender, one.currency, one.amount) for one in block.events} == {("", "", 0)}


def test_fields_that_a_newer_version_has_added_are_passed_over(disk: Disk) -> None:
    fields = [*msgspec.msgpack.decode(msgspec.msgpack.encode(event(1))), "new", {"and": "another"}]
    disk.put(zstandard.compress(msgspec.msgpack.encode([fields])))
    assert read_all(disk.open()) == [event(1)]


@pytest.mark.parametrize("body", [NEWER, zstandard.compress(NEWER)], ids=["bare", "compressed"])
def test_a_newer_format_is_refused_in_one_line_and_not_taken_for_damage(disk: Disk, body: bytes) -> None:
    log = disk.open()
    log.append([event(1)]).result()
    [before] = log.read(start(), EVER)
    disk.put(body)
    with pytest.raises(StoreUnavailable, match="holds events in format 2, and this version reads format 1"):
        log.read(before.position, EVER)


def test_nobody_is_erased_from_a_newer_format_by_a_version_that_cannot_read_it(disk: Disk) -> None:
    student = by(6, 1).student_id
    disk.put(zstandard.compress(MARK + b"\x02" + student))
    log = disk.open()
    with suppress(StoreUnavailable):  # a log that hides instead of writing anew has nothing to read
        log.erase(student, log.newest(), lambda _: None)
    with pytest.raises(StoreUnavailable, match="format 2"):
        log.read(start(), EVER)
