"""The tables of components and jobs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from coursepulse.kit.settings import Settings
from coursepulse.wiring.component import Component
from coursepulse.wiring.components import Components
from coursepulse.wiring.job_table import CHORES, HEARD, NUMBERS

if TYPE_CHECKING:
    Build = Any


class Part:
    """Says what happens to it."""

    def __init__(self, name: str, said: list[str], *, fails: bool = False) -> None:
        self.name, self._said, self._fails = name, said, fails
        said.append(f"open {name}")

    def start(self) -> None:
        """Start, or fail to."""
        self._said.append(f"start {self.name}")
        if self._fails:
            raise OSError(self.name)

    def stop(self) -> None:
        """Stop."""
        self._said.append(f"stop {self.name}")


def component(name: str, needs: str = "", **options: Any) -> Any:
    """A part that may need another one."""

    def build(of: Any) -> Part:
        if needs:
            getattr(of, needs)
        return Part(name, of.said, fails=name == "bad")

    return Component(cast("Build", build), start="start", close="stop", **options)


class Owner:
    """Three parts."""

    second = component("second", needs="first")
    first = component("first")
    bad = component("bad", needs="first")

    def __init__(self) -> None:
        self.said: list[str] = []
        self.closing = ExitStack()


def test_what_is_needed_comes_first_and_goes_last() -> None:
    owner = Owner()
    with owner.closing:
        assert owner.second is owner.second
        assert owner.first.name == "first"
    assert owner.said == [
        *("open first", "start first", "open second", "start second"),
        *("stop second", "stop first"),
    ]


def test_what_has_started_halfway_is_closed() -> None:
    owner = Owner()
    with pytest.raises(OSError, match="bad"), owner.closing:
        _ = owner.bad
    assert owner.said[-3:] == ["start bad", "stop bad", "stop first"]


def test_no_two_jobs_have_one_name() -> None:
    names = [row.name for row in NUMBERS + HEARD + CHORES]
    assert len(names) == len(set(names))


def test_every_lock_of_a_job_is_there(tmp_path: Path) -> None:
    parts = Components(Settings(data=tmp_path))
    locks = {row.lock for row in NUMBERS + HEARD + CHORES if row.lock}
    assert locks == {"learning", "profiling"}
    for lock in locks:
        with getattr(parts, lock):
            pass
