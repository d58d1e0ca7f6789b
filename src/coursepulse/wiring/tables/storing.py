"""The table of storing: schemas, raw events, and who has agreed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from coursepulse.aggregates.profiles import Profiles
from coursepulse.aggregates.work_tables import Desk, desk_name
from coursepulse.compliance.consent_changes import Agreement
from coursepulse.store.clickhouse import connect as clickhouse
from coursepulse.store.clickhouse.not_agreed import NotAgreed
from coursepulse.store.postgres.campus import ConsentFeed
from coursepulse.store.postgres.raw import PostgresRawStore
from coursepulse.store.postgres.records import Records
from coursepulse.wiring.component import Component

if TYPE_CHECKING:
    from coursepulse.wiring.components import Components


def _lay_desk(of: Components) -> Desk:
    desk = Desk(desk_name(of.name) if of.shared else "")
    desk.lay(of.open_clickhouse())
    return desk


class Storing:
    """Opened in this order."""

    # The views of the metrics name the table of students who do not agree, so the schema comes first; they are left
    # out from their first event on.
    clickhouse_schema = Component(lambda of: clickhouse.migrate(of.open_clickhouse()), "storing")
    not_agreed = Component(
        lambda of: NotAgreed(of.open_clickhouse(), of.consents.register), "storing", start="check_all"
    )
    agreement = Component(
        lambda of: Agreement(
            not_agreed=of.not_agreed,
            profiles=Profiles(of.open_clickhouse, of.pool),
            changed_keys=of.changed_keys,
            consents=of.consents.register,
            tell_collector=of.consent_feed.poll,
            forget_results=of.results.forget,
            forget=of.forget,
            drop_alerts=lambda students: of.alerts.forget(students) + of.predictions.forget(students),
        )
    )
    consents_of_numbers = Component(lambda of: ConsentFeed(of.feed_pool, of.agreement.apply))
    desk: Component[Desk] = Component(_lay_desk)
    raw = Component(lambda of: PostgresRawStore(of.pool))
    records = Component(lambda of: Records(of.pool, of.raw, of.clock))
    days_prepared = Component(lambda of: of.raw.prepare(of.clock()), "storing")
    catalog_published = Component(lambda of: of.campus.catch_up(), "storing")
