"""Deliveries of a roster: which system rows come from, and what ends when one of its deliveries is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import msgspec
from litestar import post, put
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, QueryParameter, RawBody

from coursepulse.campus.deliveries import Delivery, Missing, Seen, Whole, check_seen
from coursepulse.campus.verdicts import RowVerdict, read_rows
from coursepulse.collect.keys import ROSTER
from coursepulse.kit.clock import utc_date
from coursepulse.kit.errors import RequestError
from coursepulse.web import reach
from coursepulse.web.audit.writing import note
from coursepulse.web.http.auth import key_viewer, needs
from coursepulse.web.http.reading import refuse_nul, takes_rows
from coursepulse.web.http.request import AnyRequest

if TYPE_CHECKING:
    pass


class SeenReceipt(msgspec.Struct, frozen=True):
    """The answer to a list of people that a delivery names."""

    accepted: int
    rejected: list[RowVerdict]


class DeliveryReceipt(msgspec.Struct, frozen=True):
    """What a complete delivery ended.

    :param held: enrolments and teaching of the source that held before
    :param ended: those that the delivery does not name; of a rehearsal, those that would end
    """

    held: int
    ended: int


Source = Annotated[
    str, QueryParameter(description="The system that the rows come from, of your own naming.", max_length=64)
]
Number = Annotated[UUID | None, QueryParameter(description="The delivery that the rows belong to.")]


def _read_delivery(source: Source = "", delivery: Number = None) -> Delivery:
    if bool(source) != (delivery is not None):
        raise RequestError(
            "half_a_delivery", "`source` and `delivery` belong together; give both or neither."
        )
    return Delivery(source, delivery)


#: For ``dependencies``: a handler with it has the parameters of a delivery, and gets it as ``stamp``.
TAKES_DELIVERY = {"stamp": Provide(_read_delivery, sync_to_thread=False)}


@put(
    "/v1/roster/seen",
    guards=[needs(ROSTER)],
    tags=["roster"],
    sync_to_thread=True,
    operation_class=takes_rows(Seen),
    dependencies=TAKES_DELIVERY,
)
def put_seen(request: AnyRequest, body: RawBody, stamp: NamedDependency[Delivery]) -> SeenReceipt:
    """Note the people that a delivery names, in a course or at all. Nothing else about them changes."""
    if stamp.number is None:
        raise RequestError("half_a_delivery", "Give the `source` and `delivery` they belong to.")
    read = read_rows(body, Seen, check_seen)
    if read.rows:
        _note(request, f"seen={len(read.rows)} source={stamp.source}")
        reach.roster(request).campus.put_seen(read.rows, stamp)
    return SeenReceipt(len(read.rows), read.rejected)


@post("/v1/roster/deliveries", guards=[needs(ROSTER)], tags=["roster"], status_code=200, sync_to_thread=True)
def end_missing(request: AnyRequest, data: JSONBody[Whole]) -> DeliveryReceipt:
    """End what a complete delivery of a source does not name, unless that is more than a given share."""
    services = reach.roster(request)
    refuse_nul([("source", data.source)])
    delivery, today = Delivery(data.source, data.delivery), utc_date(services.clock())
    found = services.campus.known_missing(delivery, today)
    if found.exceeds(data.most):
        raise RequestError("too_many_missing", _explain(found, data.most), 409)
    if found.missing and not data.rehearse:
        _note(request, f"ended={found.missing} source={data.source}")
        services.campus.put_ends(delivery, today)
    return DeliveryReceipt(found.held, found.missing)


def _explain(found: Missing, most: float) -> str:
    return (
        f"{found.missing:,} of {found.held:,} enrolments and teachings that hold are missing from this delivery: "
        f"more than {most:.0%}, as if it were cut off. Nothing was ended."
    )


def _note(request: AnyRequest, detail: str) -> None:
    note(reach.roster(request), key_viewer(request, ROSTER), "roster:enrolments:changed", "", detail)


routes = [put_seen, end_missing]
