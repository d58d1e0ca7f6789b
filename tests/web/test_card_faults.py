"""A card that cannot be read says so by itself: its page, its files and mails go on without it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from litestar.testing import TestClient
from structlog.testing import capture_logs

from coursepulse.access.viewer import EVERYONE, Role
from coursepulse.alerts.delivery.mailing import ReportNotMade
from coursepulse.alerts.delivery.recipient import Recipient
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.dashboards.card import Card
from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from coursepulse.dashboards.language import speaking
from coursepulse.dashboards.reader import MetricReader, Rows
from coursepulse.dashboards.report_mails import MailFoot, ReportMailWriter
from coursepulse.dashboards.views.table import DataTable
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.reports.schedule import ReportForm, ReportKind, ReportSchedule, Rhythm
from coursepulse.web.dashboards import cards, pages
from coursepulse.web.dashboards.page_files import MISSING
from coursepulse.web.http.app import build
from coursepulse.web.http.auth import PageViewer
from coursepulse.web.http.services import Services
from coursepulse.web.operation.prometheus import Number
from coursepulse.web.operation.prometheus import _of_cards as numbers_of_cards
from coursepulse.web.reports.letters import compose_letter
from coursepulse.web.reports.making import MadePage
from coursepulse.web.reports.reporter import Reporter, ReporterSettings
from tests.support.pdf import ReadPdf
from tests.support.services import Unread, wire

SENTENCE = "This could not be read just now."


@dataclass(frozen=True, kw_only=True)
class Told(DataTable):
    """Rows without a question; an error in the place of rows is raised."""

    rows: Rows = ()
    error: Exception | None = None

    def read(self, card: Card, reader: MetricReader) -> Rows:
        if self.error:
            raise self.error
        return self.rows


def card(slug: str, view: Told) -> Card:
    return Card(slug, view, "title clicks learners", metric="clicks", span=12)


ROW = {"course_id": "c", "title": "Algebra", "clicks": 7, "learners": 2}
FINE = card("course_fine", Told(rows=[ROW]))
BROKEN = card("course_broken", Told(error=ZeroDivisionError("division by zero")))
AWAY = card("course_away", Told(error=StoreUnavailable("ClickHouse does not answer.")))

TEACHER = PageViewer(
    role=Role.INSTRUCTOR, subject="account:t", name="t", course_ids=frozenset({"c"}), opened=EVERYONE
)


class Campus:
    """Knows what courses are called."""

    def titles(self, courses: object) -> dict[str, str]:
        return {"c": "Algebra"}


class Numbers(Unread):
    """Says that the course may be seen."""

    def run(self, query: object, viewer: object) -> None:
        """Nobody reads the answer."""


@pytest.fixture
def services() -> Services:
    return wire(settings=Settings(), clock=lambda: 0, campus=Campus(), metrics=Numbers())


@pytest.fixture
def browser(services: Services, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient[Any]]:
    shown = (FINE, BROKEN, AWAY)
    monkeypatch.setitem(DASHBOARDS, Dashboard.COURSE, shown)
    monkeypatch.setattr(cards, "all_cards", lambda: {each.slug: each for each in shown})
    for module in (cards, pages):
        monkeypatch.setattr(module, "page_viewer", lambda _: TEACHER)
    with TestClient(build(services, [cards.show_card, pages.course]), raise_server_exceptions=False) as http:
        yield http


def test_the_page_stands_and_the_card_says_that_it_could_not_be_read(browser: TestClient[Any]) -> None:
    answer = browser.get("/courses/c", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    parts = {slug: answer.text.partition(f'id="card-{slug}"')[2].partition("</section>")[0] for slug in SLUGS}
    assert SENTENCE in parts["course_broken"]
    assert "The database is not responding." in parts["course_away"]
    assert ">7</" in parts["course_fine"]
    assert "division" not in answer.text
    # What an open page asks for again is the card alone: the sentence, and no page of errors.
    again = browser.get("/cards/course_broken", headers={"Accept": "text/html"})
    assert (again.status_code, SENTENCE in again.text) == (200, True)


SLUGS = ("course_fine", "course_broken", "course_away")


@pytest.mark.parametrize("form", ["json", "csv", "pdf"])
def test_by_itself_it_answers_its_error(browser: TestClient[Any], form: str) -> None:
    answer = browser.get(f"/cards/course_broken.{form}")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    answer = browser.get(f"/cards/course_away.{form}")
    assert (answer.status_code, answer.json()["code"]) == (503, "store_unavailable")
    assert browser.get(f"/cards/course_fine.{form}").status_code == 200


def test_each_failure_is_counted_and_each_kind_is_logged_once(
    browser: TestClient[Any], services: Services
) -> None:
    with capture_logs() as logs:
        for _ in range(3):
            browser.get("/courses/c")
    told = [log for log in logs if log["event"] == "card_failed"]
    assert sorted(log["card"] for log in told) == ["course_away", "course_broken"]
    assert {str(log["exc_info"]) for log in told} >= {"division by zero"}
    name = "coursepulse_card_failures"
    assert sorted(numbers_of_cards(services)) == [
        Number(name, ("course_away", "store"), 3),
        Number(name, ("course_broken", "error"), 3),
    ]


def test_files_of_the_page_say_what_is_missing(browser: TestClient[Any]) -> None:
    pdf = browser.get("/courses/c?file=pdf")
    assert pdf.headers["Cards-Missing"] == "1"
    assert SENTENCE in ReadPdf(pdf.content).text
    with zipfile.ZipFile(io.BytesIO(browser.get("/courses/c?file=csv").content)) as archive:
        assert [name.partition("_c_")[0] for name in archive.namelist()] == ["course_fine", MISSING]
        lines = archive.read(MISSING).decode().splitlines()
    assert len(lines) == 2
    assert SENTENCE in lines[0]


class Schedules:
    """One report, of the course as PDF."""

    def find(self, report_id: str) -> ReportSchedule:
        return ReportSchedule(
            report_id=report_id,
            account_id="t",
            kind=ReportKind.PAGE,
            rhythm=Rhythm(weekday=0, hour=7),
            title="Algebra",
            address="/courses/c",
            form=ReportForm.PDF,
            created_at=0,
            created_by="account:t",
            next_at=0,
        )


class Maker:
    """Asks the page of the test for its file."""

    def __init__(self, browser: TestClient[Any]) -> None:
        self.browser = browser

    def ask(self, address: str, reader: object) -> MadePage:
        answer = self.browser.get(address)
        headers = {key.lower(): value for key, value in answer.headers.items()}
        return MadePage(answer.status_code, headers, answer.content)


def test_a_mail_says_what_its_report_lacks(browser: TestClient[Any], services: Services) -> None:
    settings = ReporterSettings("https://x.example", attached=True, named=True)
    tokens = UnsubscribeTokens(b"a key")
    reporter = Reporter(settings, Schedules(), Maker(browser), tokens, lambda: services)  # type: ignore[arg-type]
    reader = Recipient("t", Role.INSTRUCTOR, None, "", "t", "t@x.example", "UTC", None, "en")
    prepared = reporter.make("7b6a26a2-64d8-4b1e-8f04-a7d0c79ad0a3", reader, TEACHER)
    assert prepared is not None
    assert "is attached" in prepared.words.text
    assert "1 of its cards could not be read and says so." in prepared.words.text


def letter(services: Services, monkeypatch: pytest.MonkeyPatch, **shown: Card) -> str:
    monkeypatch.setattr("coursepulse.web.reports.letters.all_cards", lambda: shown)
    composed = compose_letter(services, TEACHER)
    assert composed is not None
    with speaking("en"):
        return (
            ReportMailWriter("https://x.example")
            .letter(composed, MailFoot("t", "https://x.example/stop"))
            .text
        )


def test_a_letter_goes_out_without_the_numbers_that_could_not_be_read(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses = Told(rows=[{"active_learners": 3, "time_spent": 60.0}])
    text = letter(
        services, monkeypatch, people_to_reach=BROKEN, taught_courses=card("taught_courses", courses)
    )
    assert "A part of this letter could not be read just now" in text
    assert "Nobody needs you today" not in text
    assert "Learners who need you" not in text
    assert "Active learners, counted in each course: 3" in text
    with pytest.raises(ReportNotMade):
        letter(services, monkeypatch, people_to_reach=AWAY, taught_courses=card("taught_courses", courses))
