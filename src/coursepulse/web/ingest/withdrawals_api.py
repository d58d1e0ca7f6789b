"""Taking events back over HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import msgspec
from litestar import post
from litestar.params import JSONBody
from msgspec import Meta

from coursepulse.collect.keys import BACKFILL
from coursepulse.events.event import Id
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_bytes, to_text
from coursepulse.web import reach
from coursepulse.web.audit.writing import note_each
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.reading import refuse_more, refuse_nul
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass

MOST_AT_ONCE = 1000


class WithdrawalReceipt(msgspec.Struct, frozen=True):
    """The answer to a withdrawal.

    :param withdrawn: events that were stored, and count no more
    """

    withdrawn: int


@post("/v1/withdrawals", guards=[needs(BACKFILL)], tags=["events"], status_code=200, sync_to_thread=True)
def withdraw_events(
    request: AnyRequest,
    data: JSONBody[Annotated[list[Id], Meta(max_length=MOST_AT_ONCE)]],
) -> WithdrawalReceipt:
    """Withdraw events by their ids: every number becomes what it would be without them, and they stay out.

    Ids that are not stored, or were withdrawn before, are skipped. The days of the events are computed again, which
    takes a while: use this to correct mistakes.
    """
    services = reach.ingest(request)
    refuse_more(data, MOST_AT_ONCE)
    refuse_nul(("event_id", event) for event in data)
    if services.withdrawals is None:
        raise StoreUnavailable(
            "This process only collects events. Send the request to the process that stores them."
        )
    viewer = key_viewer(request, BACKFILL)

    def tell(students: set[bytes]) -> None:
        note_each(
            services, viewer, "events:events:withdrawn", set(map(to_text, students)), f"ids={len(data)}"
        )

    return WithdrawalReceipt(
        services.withdrawals.withdraw([to_bytes(event, "event") for event in data], tell)
    )


routes = [withdraw_events]
