"""The table of collecting. The worker starts with what this process knows of consents, and is told what follows."""

from __future__ import annotations

from coursepulse.collect.collector import Collector
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.remote_worker import RemoteWorker
from coursepulse.collect.senders import SenderBook, SenderTally
from coursepulse.store.clickhouse.dimensions import Dimensions
from coursepulse.store.postgres.campus import CampusStore, ConsentFeed
from coursepulse.store.postgres.company import CompanyStore
from coursepulse.store.postgres.sender_counts import SenderCounts
from coursepulse.web.live.updates import LiveUpdates
from coursepulse.wiring.component import Component
from coursepulse.wiring.shared import open_between_servers, open_buckets


class Collecting:
    """Opened in this order."""

    consents: Component[ConsentFile] = Component(
        lambda of: ConsentFile(of.settings.data / "log" / "consents.bin")
    )
    consent_feed: Component[ConsentFeed] = Component(
        lambda of: ConsentFeed(of.feed_pool, of.consents.record), "always", start="poll"
    )
    keeping = Component(lambda of: Keeping(of.pseudonyms, of.consents.register, of.settings))
    worker: Component[RemoteWorker] = Component(
        lambda of: RemoteWorker(of.settings, of.secret), start="start", close="stop"
    )
    duplicates = Component(lambda _: SenderTally())
    sender_book = Component(
        lambda of: SenderBook(
            [of.worker.take_counts, of.duplicates.take], SenderCounts(of.pool, of.clock).add
        ),
        "always",
        close="close",
    )
    consents_told = Component(lambda of: of.consents.tell(of.worker.decide), "always")
    buckets = Component(open_buckets)
    collector = Component(
        lambda of: Collector(
            log=of.log,
            keys=of.ring,
            worker=of.worker,
            dead_letters=of.dead_letters,
            keeping=of.keeping,
            clock=of.clock,
            settings=of.settings,
            buckets=of.buckets,
        ),
        "always",
    )
    dimensions = Component(lambda of: Dimensions(of.open_clickhouse))
    campus: Component[CampusStore] = Component(
        lambda of: CampusStore(of.pool, of.pseudonyms, None if of.collect_only else of.publish)
    )
    company = Component(lambda of: CompanyStore(of.pool, of.pseudonyms))
    # Open pages are told of what is stored.
    live = Component(
        lambda of: LiveUpdates(open_between_servers(of.settings)), "always", start="start", close="stop"
    )
