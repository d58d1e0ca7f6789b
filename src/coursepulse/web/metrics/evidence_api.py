"""What numbers are made of, over HTTP."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar import MediaType, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from coursepulse.collect.keys import READ
from coursepulse.kit.clock import from_micros
from coursepulse.kit.csv_text import write_csv
from coursepulse.metrics.catalog import DEFINITION_VERSION, find_metric
from coursepulse.metrics.evidence.answer import Explained
from coursepulse.metrics.evidence.proof import ItemRule, Remainder, Why
from coursepulse.metrics.metric import Column, Metric
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.parameters import REFUSES
from coursepulse.web.http.request import AnyRequest
from coursepulse.web.metrics import api
from coursepulse.web.metrics.evidence import NumberRequest, refuse_unused


class EvidenceAnswer(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """A number of a metric, and what it is made of.

    :param metric: the metric that explains the number; another one for a number in a list of people or courses
    :param row: what tells the row of the number from others
    :param value: the number; when an item is opened, what that counts
    :param rule: how the items make it; null when there are none
    :param amount: the column of the items that makes it
    :param parts: the part and the whole, where the number is the share of the two in per cent
    :param rest: what those add who are counted together and rounded, as in a team of which the caller may not see all:
        ``amount`` as in the items, and ``of`` for a share or a mean; null when the items are all there is
    :param total: what the items make: exactly the number
    :param items: objects with exactly the columns
    :param opens: whether an item can be opened: ask again with its ``item``
    :param why: why there are no items; null when there are
    :param lacks_consent: the purpose that the student has not agreed to, which is why there is nothing
    """

    metric: str
    column: api.ColumnInfo
    row: dict[str, Any]
    start: date
    end: date
    latest_data_at: datetime | None
    definition: api.MetricDefinition
    value: Any
    rule: ItemRule | None
    amount: str
    parts: tuple[float, float] | None
    rest: Remainder | None
    total: float | None
    columns: list[api.ColumnInfo]
    items: list[dict[str, Any]]
    opens: bool
    why: Why | None
    lacks_consent: str | None


NumberColumn = Annotated[
    str, QueryParameter(name="column", description="The column of the number.", max_length=64)
]
Item = Annotated[
    str,
    QueryParameter(
        name="item", description="`item` of one item, to see what that is made of.", max_length=512
    ),
]


@get(
    "/v1/metrics/{name:str}/evidence",
    opt={REFUSES: True},
    tags=["metrics"],
    sync_to_thread=True,
    responses={
        200: ResponseSpec(EvidenceAnswer, description="The items; with `format=csv` as CSV (RFC 4180)")
    },
)
def answer_evidence(
    request: AnyRequest,
    name: FromPath[str],
    column: NumberColumn,
    item: Item = "",
    course: api.Course = "",
    student: api.Student = "",
    video: api.Video = "",
    team: api.Team = "",
    start: api.From = "",
    end: api.To = "",
    form: api.Format = api.MetricFormat.JSON,
) -> Response[Any]:
    """What one number of a metric is made of: sessions, stretches of a video, attempts, or rows that add up to it.

    Where a metric has several rows, further parameters say which: the names of its id and date columns, such as
    ``course_id`` and ``video_id``.
    """
    viewer = api_viewer(request, READ)
    metric = find_metric(name)
    refuse_unused(metric, request.query_params, "format")
    named = {
        "column": column,
        "item": item,
        "course": course,
        "student": student,
        "video": video,
        "team": team,
    }
    given = {**request.query_params, **named}
    asked = NumberRequest(name, given, api.read_day("from", start), api.read_day("to", end))
    as_file = form is api.MetricFormat.CSV
    explained = asked.explain(reach.metrics(request).metrics, viewer, export=as_file)
    if as_file:
        return as_csv(explained)
    return Response(msgspec.json.encode(show(explained)), media_type=MediaType.JSON)


def show(explained: Explained) -> EvidenceAnswer:
    """An explanation as the API says it."""
    metric, query, latest = explained.metric, explained.query, explained.latest
    start, end = query.days
    return EvidenceAnswer(
        metric=metric.slug,
        column=_describe(explained.column),
        row=_name(metric, explained),
        start=start,
        end=end,
        latest_data_at=None if latest is None else from_micros(latest),
        definition=api.MetricDefinition(metric.section, DEFINITION_VERSION),
        value=explained.value,
        rule=explained.rule,
        amount=explained.amount,
        parts=explained.parts,
        rest=explained.rest,
        total=explained.total,
        columns=[_describe(column) for column in explained.columns],
        items=explained.records(),
        opens=explained.opens,
        why=explained.why,
        lacks_consent=explained.lacks_consent,
    )


def as_csv(explained: Explained) -> Response[str]:
    """The items, one line each."""
    columns = [column.name for column in explained.columns]
    rows = [list(record.values()) for record in explained.records()]
    name = f"{explained.metric.slug}-{explained.column.name}.csv"
    return Response(
        write_csv([columns, *msgspec.to_builtins(rows)]),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _name(metric: Metric, explained: Explained) -> dict[str, Any]:
    """The ids of the row; of an opened item its own."""
    names = {column.name for column in metric.keys} | {"item"}
    return {name: value for name, value in explained.row.items() if name in names}


def _describe(column: Column) -> api.ColumnInfo:
    return api.ColumnInfo(column.name, column.unit, column.description)


routes = [answer_evidence]
