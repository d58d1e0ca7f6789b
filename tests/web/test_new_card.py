"""A card is added by its declaration alone: it is then on its page, in JSON and CSV, and in the docs."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from litestar.testing import TestClient

from coursepulse.access.viewer import EVERYONE, Role
from coursepulse.audit.port import Search
from coursepulse.dashboards import chart
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.reference import write_cards
from coursepulse.dashboards.views.table import DataTable
from coursepulse.dashboards.views.time_series import Series, TimeSeries
from coursepulse.kit.settings import Settings
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import open_pool
from coursepulse.web.dashboards import cards, pages
from coursepulse.web.http.app import build
from coursepulse.web.http.auth import PageViewer
from tests.metrics.small_course import COURSE, fill
from tests.support.campus_world import World
from tests.support.clickhouse import migrated_database
from tests.support.postgres import Server
from tests.support.services import wire

TIME_BY_KIND = Card(
    "course_time_by_kind",
    TimeSeries("day", (Series("time_video", chart.line), Series("time_quiz", chart.line))),
    "day time_video time_quiz",
    metric="course_daily",
)

CLICKS = Card("course_clicks", DataTable(order="-clicks"), metric="clicks")

ADMIN = PageViewer(role=Role.ADMIN, subject="account:ada", name="ada", opened=EVERYONE)


@pytest.fixture(scope="module")
def world(clickhouse_url: str, postgres_server: Server) -> Iterator[World]:
    with (
        migrated_database(clickhouse_url) as client,
        postgres_server.database() as dsn,
        open_pool(dsn, 2) as pool,
    ):
        world = World(client, pool, 0)
        fill(world)
        yield world
        world.trail.close()


@pytest.fixture
def browser(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Any]]:
    """An administrator, where the page of a course has two cards more."""
    added = (*DASHBOARDS[Dashboard.COURSE], TIME_BY_KIND, CLICKS)
    monkeypatch.setitem(DASHBOARDS, Dashboard.COURSE, added)
    campus = CampusStore(world.pool, Pseudonyms(b"a secret for tests"), None)
    services = wire(
        settings=Settings(), clock=lambda: world.now, metrics=world.metrics, campus=campus, trail=world.trail
    )
    for module in (cards, pages):
        monkeypatch.setattr(module, "page_viewer", lambda _: ADMIN)
    with TestClient(build(services, [cards.show_card, pages.course])) as client:
        yield client


def card_on_page(browser: TestClient[Any], slug: str) -> str:
    page = browser.get(f"/courses/{COURSE}").raise_for_status().text
    return page.partition(f'id="card-{slug}"')[2].partition("</section>")[0]


def headings(card: str) -> list[str]:
    return re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+\b)', card)


def twin(browser: TestClient[Any], slug: str, form: str) -> Any:
    return browser.get(f"/cards/{slug}.{form}?course={COURSE}&days=28").raise_for_status()


def test_its_page_draws_it_and_calls_it_what_the_metric_is_called(browser: TestClient[Any]) -> None:
    card = card_on_page(browser, "course_time_by_kind")
    assert ">Course day by day</h2>" in card
    assert headings(card) == ["Day", "Video time", "Quiz time"]
    option = json.loads(card.partition('id="option-course_time_by_kind">')[2].partition("</script>")[0])
    # The end of a line is a series of its own, where the day is not over.
    series = {each["name"]: each for each in reversed(option["series"])}
    assert set(series) == {"Video time", "Quiz time"}
    assert option["yAxis"]["axisLabel"] == {"formatter": "{value}\u00a0h"}
    assert "Quiz time: 0\u00a0s" in series["Quiz time"]["data"][0]["tip"]


def test_its_table_is_sorted_and_written_by_the_units_of_the_columns(browser: TestClient[Any]) -> None:
    card = card_on_page(browser, "course_clicks")
    assert headings(card) == ["Course", "Clicks", "Learners"]
    assert re.findall(r'aria-sort="(\w+)"', card) == ["descending"]
    ways = re.findall(r'href="[^"]*sort=([\w-]+)#', card)
    assert ways == ["title", "clicks", "-learners"]
    assert re.findall(r'<td class="(\w*)"[^>]*>', card) == ["number", "number"]


def test_its_json_and_csv_hold_the_rows_of_the_metric(browser: TestClient[Any], world: World) -> None:
    body = twin(browser, "course_clicks", "json").json()
    rows = world.ask("clicks", course=COURSE, start=date(2026, 2, 10), end=date(2026, 3, 10))
    assert rows
    assert body["rows"] == [row | {"title": row["title"] or COURSE} for row in rows]
    kinds = {"course_id": "text", "title": "text", "clicks": "count", "learners": "count"}
    assert {column["name"]: column["kind"] for column in body["columns"]} == kinds
    lines = list(csv.DictReader(io.StringIO(twin(browser, "course_clicks", "csv").text)))
    assert [line["clicks"] for line in lines] == [str(row["clicks"]) for row in rows]


def test_its_csv_is_an_export_and_the_trail_says_so(browser: TestClient[Any], world: World) -> None:
    twin(browser, "course_time_by_kind", "csv")
    tags = [link.entry.tag for link in world.trail.find(Search(actor=ADMIN.subject), 5)]
    assert tags[0].endswith(":export"), tags


@pytest.mark.usefixtures("browser")
def test_the_docs_list_it_with_its_metric_and_columns() -> None:
    line = "| `course_time_by_kind` | Course day by day | [`course_daily`](metrics.md#course_daily) | "
    assert f"{line}`day`, `time_video`, `time_quiz` |" in write_cards()
