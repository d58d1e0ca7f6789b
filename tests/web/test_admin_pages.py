"""The pages of administrators beside the first: what they show, and that nobody else is shown them."""

from __future__ import annotations

import csv
import gzip
import io
import re
from contextlib import closing

import pytest

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.web.dashboards.admin_pages import PAGES
from tests.support.browsing import sign_in
from tests.support.pages import PASSWORD, Pages, study
from tests.support.server import wait_until

pytestmark = pytest.mark.slow

SHOWN = [(dashboard, address) for dashboard, address in PAGES.items() if dashboard in DASHBOARDS]


@pytest.mark.parametrize(("dashboard", "address"), SHOWN)
def test_a_page_shows_its_cards_and_leads_to_the_others(
    pages: Pages, dashboard: Dashboard, address: str
) -> None:
    html = pages.get(address).text
    assert [card.slug for card in DASHBOARDS[dashboard] if f'id="card-{card.slug}"' not in html] == []
    assert "The database is not responding" not in html
    assert all(f'href="{other}"' in html for other in PAGES.values())


@pytest.mark.parametrize(("dashboard", "address"), SHOWN[1:])
def test_only_administrators_see_it(pages: Pages, dashboard: Dashboard, address: str) -> None:
    for role in ("student", "instructor", "manager", "auditor"):
        with closing(sign_in(pages.url, role, PASSWORD)) as http:
            assert http.get(address).status_code == 403, role
            for card in DASHBOARDS[dashboard]:
                assert http.get(f"/cards/{card.slug}.json").status_code == 403, (role, card.slug)


def test_what_a_sender_sent_is_on_the_page_soon(pages: Pages) -> None:
    name = "lesson_started_by_mistake"
    pages.sender.http.post("/v1/events", json=[{"event_id": "1", "event_type": name, "student_id": "s"}])

    def rows() -> list[dict[str, str]]:
        text = pages.admin.get("/cards/quality_refusals.csv").raise_for_status().text
        return list(csv.DictReader(io.StringIO(text)))

    wait_until(lambda: any(row["reason"] in ("missing_field", "unknown_event_type") for row in rows()))
    assert all(row["advice"] for row in rows())
    senders = pages.admin.get("/cards/quality_senders.json").json()["rows"]
    assert max(row["events"] for row in senders) > 30


def test_what_is_sent_twice_is_counted_for_its_sender(pages: Pages) -> None:
    def duplicates() -> int:
        rows = pages.admin.get("/cards/quality_senders.json").raise_for_status().json()["rows"]
        metric = pages.sender.metric("quality_senders")
        assert {row["sender"] for row in metric} == {row["sender"] for row in rows}
        return sum(row["duplicates"] for row in metric)

    before, lesson = duplicates(), study("quality-twice", 0, "quality-twice-101")[1:2]
    pages.sender.agree("quality-twice")
    for _ in range(4):
        pages.sender.send(*lesson)
    wait_until(lambda: duplicates() == before + 3)


def test_cohorts_are_chosen_by_month_and_in_people_and_the_address_keeps_it(pages: Pages) -> None:
    asked = {"days": "90", "step": "month", "measure": "people"}
    rows = pages.admin.get("/cards/platform_cohorts.json", params=asked).json()["rows"]
    assert {row["cohort"][-3:] for row in rows} == {"-01"}
    part = pages.admin.get("/cards/platform_cohorts", params=asked, headers={"HX-Request": "true"})
    assert "step=month" in part.headers["hx-push-url"]
    page = pages.get(part.headers["hx-push-url"].replace("#", "&x=#")).text
    chosen = page.partition('id="card-platform_cohorts"')[2].partition("</section>")[0]
    assert chosen.count('aria-current="true"') == 2
    assert "Month 0" in chosen
    # What nobody offers is the usual.
    odd = pages.admin.get("/cards/platform_cohorts.json", params={"step": "year", "measure": "x"})
    assert odd.status_code == 200


def test_the_shapes_of_countries_are_loaded_only_by_the_page_with_a_map_and_it_stays_light(
    pages: Pages,
) -> None:
    def weigh(path: str) -> tuple[set[str], int]:
        html = pages.get(path).text
        files = set(re.findall(r'"(/static/[^"]+\.(?:js|css)\?v=\w+)"', html))
        bodies = [html.encode(), *(pages.admin.get(file).content for file in files)]
        return files, sum(len(gzip.compress(body)) for body in bodies)

    files, weight = weigh("/")
    assert any("/world.min.js" in file for file in files)
    assert not any("/echarts.min.js" in file for file in files)
    assert weight < 400_000
    others, _ = weigh(pages.course)
    assert any("/echarts.min.js" in file for file in others)
    assert not any("/world.min.js" in file for file in others)
