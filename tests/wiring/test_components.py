"""The tables of components and jobs."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import MagicMock

import pytest

from coursepulse.jobs.followers import (
    CatalogFollower,
    LearnerFollower,
    PlatformFollower,
    ProfileFollower,
    RosterFollower,
)
from coursepulse.jobs.on_change import OnChange
from coursepulse.jobs.scheduler import Job
from coursepulse.kit.settings import Settings
from coursepulse.wiring.component import Component
from coursepulse.wiring.components import Components
from coursepulse.wiring.job_table import EVERYWHERE, LEADING

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


#: The followers of the pipeline, by the name of their component.
FOLLOWERS: dict[str, Any] = {
    "roster": RosterFollower,
    "learners": LearnerFollower,
    "catalog_of_learners": CatalogFollower,
    "platform": PlatformFollower,
    "profiles": ProfileFollower,
}


def mocked(**more: Any) -> MagicMock:
    """Components that do nothing."""
    return MagicMock(**{name: MagicMock(spec=kind) for name, kind in FOLLOWERS.items()}, **more)


def jobs(*, collect_only: bool) -> list[Job]:
    """Every job of a process."""
    parts = mocked(collect_only=collect_only)
    for name, kind in FOLLOWERS.items():
        getattr(parts, name).name = kind.name
    tables = EVERYWHERE if collect_only else (*EVERYWHERE, *LEADING)
    return [job for table in tables for job in table(parts)]


@pytest.mark.parametrize("name", ["mails", "webhooks"])
def test_nothing_waits_for_receivers_outside(name: str) -> None:
    """The jobs of a table take turns, so these have one of their own."""
    parts = mocked(settings=Settings(), outside_trainer=None)
    for each, kind in FOLLOWERS.items():
        getattr(parts, each).name = kind.name
    assert [name] in [[job.name for job in table(parts)] for table in LEADING]


def test_no_two_jobs_have_one_name() -> None:
    names = [job.name for job in jobs(collect_only=False)]
    assert len(names) == len(set(names))


def test_a_process_that_only_collects_has_the_jobs_of_the_collector() -> None:
    assert {job.name for job in jobs(collect_only=True)} == {
        *("revisions", "consents", "keys", "key use", "sender counts"),
        *("sessions", "sign-in failures", "audit_anchor"),
    }


def test_what_writes_the_rollups_of_learners_takes_turns(tmp_path: Path) -> None:
    parts = Components(Settings(data=tmp_path))
    mock = mocked(collect_only=False, learning=parts.learning, profiling=parts.profiling)
    locked = [
        (job.run.run if isinstance(job.run, OnChange) else job.run, job.lock)
        for table in LEADING
        for job in table(mock)
    ]
    assert [run for run, lock in locked if lock is parts.learning] == [
        *(mock.roster.refresh, mock.learners.refresh, mock.catalog_of_learners.refresh)
    ]
    assert [run for run, lock in locked if lock is parts.profiling] == [mock.profiles.refresh]
