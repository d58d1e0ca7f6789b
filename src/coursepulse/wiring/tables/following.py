"""The table of what follows the log: the pipeline, and what follows its batches."""

from __future__ import annotations

from coursepulse.aggregates.live import LiveReader, LiveTable
from coursepulse.aggregates.live_shared import LiveTeller, Looks, SharedLive
from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.rollups import Rollups
from coursepulse.jobs import followers
from coursepulse.store.clickhouse.roster import RosterCopy
from coursepulse.store.postgres.enrolments import RosterFeed
from coursepulse.store.postgres.leases import Leases
from coursepulse.store.postgres.live import LiveBoard
from coursepulse.stream.rest import Rest
from coursepulse.stream.worker import PartitionWorker
from coursepulse.wiring.component import Component
from coursepulse.wiring.workers import open_rest, open_worker


class Following:
    """Opened in this order."""

    live_table: Component[LiveTable] = Component(lambda of: LiveTable(of.clock, of.live.note_learners))
    # Where several workers share the students, each tells what goes on there while somebody looks.
    live_board = Component(lambda of: LiveBoard(of.pool, of.name))
    looks = Component(lambda of: Looks(of.live_board))
    live_reader: Component[LiveReader] = Component(
        lambda of: SharedLive(of.live_table, of.looks, of.clock) if of.shared else of.live_table
    )
    live_teller = Component(lambda of: LiveTeller(of.live_table, of.pulse, of.live_board, of.note_live))
    leases = Component(lambda of: Leases(of.pool, of.name, of.log.partitions, owner=of.owner))
    rest: Component[Rest] = Component(open_rest, close="leave")
    pipeline: Component[PartitionWorker] = Component(open_worker, "storing", start="start", close="stop")
    platform = Component(
        lambda of: followers.PlatformFollower(
            Rollups(of.open_clickhouse()), of.changed_keys, of.results.renew
        )
    )
    profiles = Component(
        lambda of: followers.ProfileFollower(
            Profiles(of.open_clickhouse, of.pool), of.raw, of.changed_keys, of.clock
        )
    )
    learners = Component(
        lambda of: followers.LearnerFollower(
            of.open_learner_rollups(),
            of.raw,
            of.changed_keys,
            of.judges.note_learners,
            resumes=of.shared,
        )
    )
    catalog_of_learners = Component(
        lambda of: followers.CatalogFollower(
            of.open_learner_rollups(), of.raw, of.catalog_changed, of.results.renew
        )
    )
    roster = Component(
        lambda of: followers.RosterFollower(
            feed=RosterFeed(of.feed_pool),
            copy=RosterCopy(of.open_clickhouse()),
            learners=of.open_learner_rollups(),
            raw=of.raw,
            changed_keys=of.changed_keys,
            check=of.not_agreed.check,
            tell=of.results.forget,
            renewed=of.judges.note_learners,
        )
    )
