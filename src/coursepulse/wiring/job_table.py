"""The table of jobs: a name, its pace, the function and the lock that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeVar

from coursepulse.jobs.followers import (
    CatalogFollower,
    LearnerFollower,
    PlatformFollower,
    ProfileFollower,
    RosterFollower,
    in_turn,
)
from coursepulse.jobs.scheduler import Job
from coursepulse.stream.follower import Follower
from coursepulse.wiring.components import Components

F = TypeVar("F", bound=Follower)

#: What a job does, found among the components.
Find = Callable[[Components], Callable[[], object]]


class Row(NamedTuple):
    """A job of a scheduler.

    :param every: seconds between two runs
    :param find: the function, looked up when the schedulers start
    :param lock: the attribute of the components that nobody else may hold meanwhile
    :param rest: seconds to leave to others for each second that a run took
    :param everywhere: also where a process only collects
    """

    name: str
    every: float
    find: Find
    lock: str = ""
    rest: float = 0.0
    everywhere: bool = False


def follow(
    kind: type[F], find: Callable[[Components], F], every: float, *, lock: str = "", rest: float = 0.0
) -> Row:
    """The turns of a follower of the pipeline, under its name."""
    return Row(kind.name, every, lambda of: find(of).refresh, lock, rest)


#: Numbers to date must not wait behind profiles.
NUMBERS = (
    follow(RosterFollower, lambda of: of.roster, 0.5, lock="learning"),
    follow(LearnerFollower, lambda of: of.learners, 0.1, lock="learning", rest=6.0),
    follow(CatalogFollower, lambda of: of.catalog_of_learners, 2.0, lock="learning", rest=4.0),
)

#: A withdrawn consent and a revoked key must not wait behind a slow job.
HEARD = (
    Row("consents", 0.5, lambda of: of.consent_feed.poll, everywhere=True),
    Row("keys", 0.5, lambda of: of.keys.feed.poll, everywhere=True),
    Row("consents_of_numbers", 0.5, lambda of: of.consents_of_numbers.poll),
)

#: Everything else, one after the other.
CHORES = (
    # The collector must not write at every request.
    Row("key use", 60.0, lambda of: of.keys.note_use, everywhere=True),
    Row("sessions", 600.0, lambda of: of.identity.sessions.purge, everywhere=True),
    Row(
        "sign-in failures",
        3600.0,
        lambda parts: lambda: parts.identity.accounts.purge(parts.clock()),
        everywhere=True,
    ),
    follow(PlatformFollower, lambda of: of.platform, 2.0),
    follow(ProfileFollower, lambda of: of.profiles, 5.0, lock="profiling"),
    Row("catalog", 5.0, lambda of: of.campus.catch_up),
    Row("academic_records", 60.0, lambda of: of.records.keep),
    Row("retention", 3600.0, lambda of: of.retention.run),
    # Soon after a student has asked.
    Row("privacy", 0.5, lambda of: of.privacy.work),
    # The trail's entries of so many seconds could be cut off unnoticed.
    Row("audit_anchor", 10.0, lambda of: of.trail.drop_anchor, everywhere=True),
)

#: One scheduler each, started in this order.
SCHEDULERS = (NUMBERS, HEARD, CHORES)


def jobs_of(rows: tuple[Row, ...], parts: Components) -> list[Job]:
    """The jobs of one scheduler in this process."""
    return [
        Job(row.name, row.every, _locked(row, parts), row.rest)
        for row in rows
        if row.everywhere or not parts.collect_only
    ]


def _locked(row: Row, parts: Components) -> Callable[[], object]:
    work = row.find(parts)
    return in_turn(getattr(parts, row.lock), work) if row.lock else work
