"""Many threads submit, one writes: who shares a write, what is refused, and what a failure reaches."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from coursepulse.kit.errors import LogFull
from coursepulse.kit.group_commit import GroupCommit, Limits, Troubles

TROUBLES = Troubles(
    closed=lambda: LogFull("closed"), full=lambda: LogFull("full"), failed=lambda error: LogFull(f"{error}")
)


class Disk:
    """Holds every write until it is let go; the word ``bad`` breaks it."""

    def __init__(self) -> None:
        self.writes: list[list[str]] = []
        self.began, self.free = threading.Event(), threading.Event()

    def write(self, words: list[str]) -> list[str]:
        self.writes.append(words)
        self.began.set()
        self.free.wait(10)
        if "bad" in words:
            raise OSError("broken")
        return [word.upper() for word in words]


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def busy(disk: Disk) -> Iterator[GroupCommit[str, str]]:
    """Groups of up to five letters, ten may wait; it is writing ``first`` now."""
    group = GroupCommit(disk.write, "writer", Limits(group=5, waiting=10), TROUBLES, weigh=len)
    group.submit("first")
    disk.began.wait(10)
    yield group
    disk.free.set()
    group.close()


def test_whoever_arrives_meanwhile_shares_the_next_write(busy: GroupCommit[str, str], disk: Disk) -> None:
    done = [busy.submit(word) for word in ("ab", "cd", "e", "f")]
    disk.free.set()
    assert [each.result(10) for each in done] == ["AB", "CD", "E", "F"]
    assert disk.writes == [["first"], ["ab", "cd", "e"], ["f"]]


def test_what_is_heavier_than_a_group_goes_alone(busy: GroupCommit[str, str], disk: Disk) -> None:
    done = [busy.submit("sixsix"), busy.submit("a")]
    disk.free.set()
    assert [each.result(10) for each in done] == ["SIXSIX", "A"]
    assert disk.writes[1:] == [["sixsix"], ["a"]]


def test_more_than_may_wait_is_refused(busy: GroupCommit[str, str]) -> None:
    busy.submit("eightttt")
    with pytest.raises(LogFull, match="full"):
        busy.submit("abc")
    busy.submit("ab")


def test_a_failure_reaches_those_who_shared_the_write_and_nobody_else(
    busy: GroupCommit[str, str], disk: Disk
) -> None:
    shared, bad, after = busy.submit("ab"), busy.submit("bad"), busy.submit("later")
    disk.free.set()
    assert [str(each.exception(10)) for each in (shared, bad)] == ["broken", "broken"]
    assert after.result(10) == "LATER"


def test_what_was_given_up_is_not_written(busy: GroupCommit[str, str], disk: Disk) -> None:
    given_up, other = busy.submit("ab"), busy.submit("cd")
    assert given_up.cancel()
    disk.free.set()
    assert other.result(10) == "CD"
    assert disk.writes[1:] == [["cd"]]


def test_closing_writes_what_waits_and_takes_no_more(busy: GroupCommit[str, str], disk: Disk) -> None:
    waiting = busy.submit("ab")
    disk.free.set()
    busy.close()
    assert waiting.done()
    with pytest.raises(LogFull, match="closed"):
        busy.submit("x")
