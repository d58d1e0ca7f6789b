"""The metrics over HTTP: the catalog, and any metric as JSON or CSV."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, NamedTuple

import msgspec
from litestar import MediaType, Response, get
from litestar.di import NamedDependency, Provide
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import FromPath, FromQuery, QueryParameter

from coursepulse.collect.keys import READ
from coursepulse.kit.clock import from_micros
from coursepulse.kit.errors import RequestError
from coursepulse.metrics.catalog import DEFINITION_VERSION, METRICS, find_metric
from coursepulse.metrics.evidence.proof import Proof, Same
from coursepulse.metrics.metric import Metric, Param, Scope, Unit
from coursepulse.metrics.query import Query
from coursepulse.metrics.table import Table, to_csv
from coursepulse.web import reach
from coursepulse.web.http.auth import api_viewer
from coursepulse.web.http.parameters import REFUSES
from coursepulse.web.http.reading import MOST
from coursepulse.web.http.request import AnyRequest

_CSV = "text/csv"

#: The header of a CSV that says what ``lacks_consent`` says in JSON.
LACKS_CONSENT = "Lacks-Consent"


class MetricFormat(StrEnum):
    """How rows are written."""

    JSON = "json"
    CSV = "csv"


class CohortStep(StrEnum):
    """The length of a period of ``retention``."""

    WEEK = "week"
    MONTH = "month"


class ColumnInfo(msgspec.Struct, frozen=True):
    """One column and the unit of its values."""

    name: str
    unit: Unit
    description: str


class MetricDefinition(msgspec.Struct, frozen=True):
    """Where it is written what the numbers mean: a heading of docs/reference/definitions.md."""

    section: str
    version: str


class MetricInfo(msgspec.Struct, frozen=True):
    """One metric of the catalog.

    :param needs: parameters without which there is no answer
    :param takes: further parameters
    :param comparable: the answer carries the same numbers for the equal period before
    :param dated: can be answered as of a past day
    :param explained: columns whose numbers say what they are made of, at ``/v1/metrics/{name}/evidence``
    """

    name: str
    title: str
    description: str
    scope: Scope
    needs: list[Param]
    takes: list[Param]
    comparable: bool
    columns: list[ColumnInfo]
    explained: list[str]
    dated: bool
    definition: MetricDefinition


class MetricCatalog(msgspec.Struct, frozen=True):
    """Every metric there is."""

    metrics: list[MetricInfo]


class MetricAnswer(msgspec.Struct, frozen=True, rename={"start": "from", "end": "to"}):
    """Rows of one metric, each an object with exactly the columns of the catalog.

    Where small groups are hidden from the viewer, ``suppressed`` says of each row whether something in it is hidden
    and therefore null.

    :param start: first UTC day
    :param end: the UTC day after the last
    :param latest_data_at: time of the newest event that the rows could see
    :param previous: the rows of the equal period before, where the metric is comparable; if today is part of the
        period, of the period that is as long as its whole days
    :param whole: if today is part of the period, the rows of its whole days, to compare ``previous`` with
    :param total: how many rows there are, where the metric is read page by page
    :param small_group: nothing about fewer people than this is shown; null where nothing is hidden
    :param lacks_consent: the purpose that the student has not agreed to, which is why there are no rows
    """

    metric: str
    start: date
    end: date
    latest_data_at: datetime | None
    definition: MetricDefinition
    columns: list[ColumnInfo]
    rows: list[dict[str, Any]]
    previous: list[dict[str, Any]] | None
    whole: list[dict[str, Any]] | None
    total: int | None
    small_group: int | None
    lacks_consent: str | None


Course = Annotated[str, QueryParameter(description="The platform's id of a course.", max_length=128)]
Student = Annotated[
    str,
    QueryParameter(description="The platform's id of a student, or the pseudonym as UUID.", max_length=128),
]
Video = Annotated[str, QueryParameter(description="The platform's id of a video.", max_length=128)]
Team = Annotated[str, QueryParameter(description="The platform's id of a team.", max_length=128)]
From = Annotated[
    str, QueryParameter(name="from", description="First UTC day.", examples=[Example(value="2026-10-01")])
]
To = Annotated[
    str,
    QueryParameter(name="to", description="UTC day after the last.", examples=[Example(value="2026-11-01")]),
]
AsOf = Annotated[
    str,
    QueryParameter(
        name="as_of",
        description="A UTC day that is over: the answer as it was at the end of it.",
        examples=[Example(value="2026-10-31")],
    ),
]
Limit = Annotated[int | None, QueryParameter(description="Rows at the most.", ge=1, le=100_000)]
Offset = Annotated[int, QueryParameter(description="Rows to leave out first.", ge=0, le=MOST)]
Sort = Annotated[
    str, QueryParameter(description="A column, with `-` before it for descending.", max_length=64)
]
Search = Annotated[
    str,
    QueryParameter(description="Words of a name, or the beginning of a pseudonym.", max_length=128),
]
Bucket = Annotated[
    str, QueryParameter(description="Only learners in this bucket of the risk rule.", max_length=64)
]
Engagement = Annotated[
    str,
    QueryParameter(description="`low`, `normal`, `high`, or `absent` for nothing that week.", max_length=64),
]
StatusName = Annotated[
    str,
    QueryParameter(name="status", description="`not_started`, `in_progress` or `completed`.", max_length=64),
]
Format = Annotated[MetricFormat, QueryParameter(name="format", description="`json` or `csv`.")]


class RowFilters(NamedTuple):
    """Which rows of a long list are wanted."""

    search: str = ""
    bucket: str = ""
    engagement: str = ""
    status: str = ""


def read_filters(
    search: Search = "", bucket: Bucket = "", engagement: Engagement = "", status: StatusName = ""
) -> RowFilters:
    """The filters of an address."""
    return RowFilters(search, bucket, engagement, status)


class AskedDays(NamedTuple):
    """Which days are asked about, and as of which."""

    start: date | None = None
    end: date | None = None
    as_of: date | None = None


def read_days(start: From = "", end: To = "", as_of: AsOf = "") -> AskedDays:
    """The days of an address."""
    return AskedDays(read_day("from", start), read_day("to", end), read_past(as_of))


@get("/v1/metrics", tags=["metrics"], sync_to_thread=True)
def list_metrics(request: AnyRequest) -> MetricCatalog:
    """Every metric with its parameters, columns and units."""
    api_viewer(request, READ)
    return MetricCatalog([_describe(metric) for metric in METRICS.values()])


@get(
    "/v1/metrics/{name:str}",
    opt={REFUSES: True},
    tags=["metrics"],
    sync_to_thread=True,
    dependencies={
        "days": Provide(read_days, sync_to_thread=False),
        "filters": Provide(read_filters, sync_to_thread=False),
    },
    responses={200: ResponseSpec(MetricAnswer, description="The rows; with `format=csv` as CSV (RFC 4180)")},
)
def answer_metric(
    request: AnyRequest,
    name: FromPath[str],
    days: NamedDependency[AskedDays],
    filters: NamedDependency[RowFilters],
    course: Course = "",
    student: Student = "",
    video: Video = "",
    team: Team = "",
    step: FromQuery[CohortStep] = CohortStep.WEEK,
    limit: Limit = None,
    offset: Offset = 0,
    sort: Sort = "",
    form: Format = MetricFormat.JSON,
) -> Response[Any]:
    """The rows of one metric. A parameter that the metric does not take is an error; it is never ignored."""
    viewer = api_viewer(request, READ)
    services = reach.metrics(request)
    metrics = services.metrics
    metric = find_metric(name)
    _refuse_unused(metric, request.query_params)
    query = Query(
        metric=name,
        course=course,
        student=metrics.identify(student) if student else None,
        video=video,
        team=team,
        step=step,
        limit=limit,
        offset=offset,
        sort=sort,
        **days._asdict(),
        **filters._asdict(),
    )
    table = metrics.run(query, viewer, export=form is MetricFormat.CSV)
    if form is MetricFormat.CSV:
        return Response(to_csv(table), media_type=_CSV, headers=_download(table))
    return Response(msgspec.json.encode(show(metric, table)), media_type=MediaType.JSON)


def show(metric: Metric, table: Table) -> MetricAnswer:
    """A table as the API says it."""
    latest = table.latest_data_at
    return MetricAnswer(
        metric=metric.slug,
        start=table.start,
        end=table.end,
        latest_data_at=None if latest is None else from_micros(latest),
        definition=MetricDefinition(metric.section, table.definition_version),
        columns=[ColumnInfo(column.name, column.unit, column.description) for column in metric.columns],
        rows=table.records(),
        previous=None if table.previous is None else table.before(),
        whole=None if table.whole is None else table.over(),
        total=table.total,
        small_group=table.small_group,
        lacks_consent=table.lacks_consent,
    )


def _describe(metric: Metric) -> MetricInfo:
    return MetricInfo(
        name=metric.slug,
        title=metric.title,
        description=metric.description,
        scope=metric.scope,
        needs=list(metric.needs),
        takes=list(metric.takes),
        comparable=metric.comparable,
        columns=[ColumnInfo(column.name, column.unit, column.description) for column in metric.columns],
        dated=metric.dated,
        explained=[name for name in metric.names if isinstance(metric.evidence_of(name), Proof | Same)],
        definition=MetricDefinition(metric.section, DEFINITION_VERSION),
    )


def _refuse_unused(metric: Metric, given: Iterable[str]) -> None:
    known = {*metric.parameters, "as_of", "format"}
    unused = sorted(name for name in given if name not in known)
    if unused:
        takes = ", ".join(sorted(known))
        raise RequestError(
            "unused_parameter", f"`{metric.slug}` does not take `{unused[0][:64]}`; it takes {takes}."
        )


def read_day(name: str, text: str) -> date | None:
    """A day in an address.

    :raises RequestError: ``invalid_date``
    """
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise RequestError("invalid_date", f"`{name}` must be a day such as 2026-11-01.") from None


def read_past(text: str) -> date | None:
    """The day as of which somebody asks; a moment within it is finer than what is kept.

    :raises RequestError: ``invalid_date``, ``as_of_too_fine``
    """
    if len(text) <= len("2026-11-01"):
        return read_day("as_of", text)
    read_day("as_of", text[: len("2026-11-01")])
    raise RequestError(
        "as_of_too_fine", "Earlier states are kept of the end of each UTC day: `as_of` must be a day."
    )


def _download(table: Table) -> dict[str, str]:
    """Headers of a CSV, which has no room to say why it has no rows."""
    lacks = {LACKS_CONSENT: table.lacks_consent.value} if table.lacks_consent else {}
    return {"Content-Disposition": f'attachment; filename="{table.metric}.csv"'} | lacks


routes = [list_metrics, answer_metric]
