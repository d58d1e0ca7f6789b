"""One question on its way to an answer: the value that every step of ``metrics.run`` takes and gives on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

import polars as pl

from coursepulse.access.decide import Action
from coursepulse.access.viewer import Viewer
from coursepulse.aggregates.live import LiveReader
from coursepulse.aggregates.readers import RollupReader
from coursepulse.aggregates.row import QueryFrames, QueryRows, Row, Rows
from coursepulse.audit.port import Trail
from coursepulse.definitions.points import PointsRule
from coursepulse.definitions.risk import RiskLimits
from coursepulse.kit.clock import Clock, Micros
from coursepulse.metrics.metric import Metric
from coursepulse.metrics.page import Page
from coursepulse.metrics.query import Query
from coursepulse.metrics.readers import CampusReader
from coursepulse.metrics.rights import Rights
from coursepulse.privacy.consent import Purpose
from coursepulse.privacy.small_groups import SmallGroups
from coursepulse.store.postgres.message_draws import MessageDraws
from coursepulse.store.postgres.relations import Relations
from coursepulse.store.postgres.shown_steps import ShownSteps

#: The students of no frame.
NOBODY = pl.DataFrame(schema={"student_id": pl.Binary})


class Asked(NamedTuple):
    """A question, and what is known of its answer so far.

    :param query: as asked; after ``settle`` with its period
    :param exports: whether the viewer may carry the rows away
    :param bound: the viewer is shown numbers about groups by the rules for small ones
    :param groups: these rules, if the metric adds people up
    :param periods: what is answered: the period, for a bound viewer aligned, and for a comparable metric the one
        before; third, if today is part of the period, its whole days, which are as many as those of the one before
    :param recorded: the entry of the audit trail, which is being written
    :param joined: the students of a leaderboard, and the name that each chose
    :param peers: those of a student's classes who agreed to be compared with, each with the course
    :param latest: time of the newest event that the rows could see
    :param lacks: what the student has not agreed to, and why nothing is read but what rests on contract
    :param reaches_back: whether there are data from the first day of the period before on
    :param found: what the queries returned, per period
    :param seen: the same about students that the viewer sees one by one, if they are added up apart
    :param frames: what the queries returned, for a metric that is computed over columns
    :param allowed: the students in ``frames`` that the viewer may see
    :param rows: of the metric, per period
    :param seen_rows: what the students add up to that the viewer sees one by one, per period
    :param labelled: the rows have their names and titles
    :param total: how many rows there are, when only a page of them was asked for
    """

    metric: Metric
    query: Query
    viewer: Viewer
    action: Action
    exports: bool = True
    bound: bool = False
    groups: SmallGroups | None = None
    periods: tuple[Query, ...] = ()
    recorded: Future[None] | None = None
    joined: Mapping[bytes, str] = MappingProxyType({})
    peers: frozenset[tuple[str, bytes]] = frozenset()
    latest: Micros | None = None
    page: Page | None = None
    lacks: Purpose | None = None
    reaches_back: bool = True
    found: tuple[QueryRows, ...] = ()
    seen: tuple[QueryRows, ...] = ()
    frames: QueryFrames | None = None
    allowed: pl.DataFrame = NOBODY
    rows: tuple[Rows, ...] = ()
    seen_rows: tuple[Rows, ...] = ()
    labelled: bool = False
    total: int | None = None

    @property
    def answered(self) -> Query:
        """The question as it is answered, without the period before."""
        return self.periods[0]


def no_limits(_: Micros) -> Mapping[str, RiskLimits]:
    """Every course goes by the usual limits."""
    return {}


#: By moment, how courses that have set their own limits judged risk then.
LimitsAt: TypeAlias = Callable[[Micros], Mapping[str, RiskLimits]]


class Sources(NamedTuple):
    """What the steps read from and write to.

    :param relations: what ties people to each other, read as a role that sees all of it
    :param groups: what is hidden from those who may not see who is in a group
    :param points: what is worth how many points on a leaderboard
    :param limits: by moment, how courses that have set their own limits judged risk then
    :param memory: by metric: what this process remembers
    :param live: what goes on right now
    :param steps: which next steps students were shown; None where that is not kept
    :param draws: who was drawn to be written to at once or to wait; None likewise
    """

    rollups: RollupReader
    campus: CampusReader
    rights: Rights
    relations: Relations
    clock: Clock
    trail: Trail
    groups: SmallGroups
    points: PointsRule
    live: LiveReader
    limits: LimitsAt = no_limits
    memory: Mapping[str, Callable[[], list[Row]]] = {}
    steps: ShownSteps | None = None
    draws: MessageDraws | None = None


#: Takes a question one step further.
Step: TypeAlias = Callable[[Sources, Asked], Asked]
