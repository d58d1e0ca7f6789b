"""Pages and cards as PDF and CSV files: the same rows, under the same rights, in the same trail."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from coursepulse.dashboards.catalog import DASHBOARDS, Dashboard
from tests.support.browsing import sign_in
from tests.support.pages import COURSE, PASSWORD, Pages
from tests.support.pdf import ReadPdf
from tests.support.server import wait_until

#: Cards whose numbers go on with the clock.
TICKING = {card.slug for cards in DASHBOARDS.values() for card in cards if card.view.ticking}


def digests_of(html: str) -> dict[str, str]:
    found = re.findall(r'id="card-([a-z_]+)"[^>]*?data-rows="(\w+)"', html, re.DOTALL)
    return {slug: digest for slug, digest in found if slug not in TICKING}


def rest(http: httpx.Client, address: str) -> dict[str, str]:
    """The fingerprints of a page as soon as its numbers no longer follow what was sent last."""

    def look() -> str:
        # Lists of learners follow the events within a second.
        time.sleep(0.7)
        return str(digests_of(http.get(address).text))

    wait_until(lambda: len({look() for _ in range(3)}) == 1)
    return digests_of(http.get(address).text)


#: Each of these also as a file of its own: a chart, a long table and figures.
ALONE = ("course_daily", "course_students", "course_headline")


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


def test_page_json_csv_and_pdf_are_made_of_the_same_rows(pages: Pages, teacher: httpx.Client) -> None:
    pages.sender.settle()
    # An answer about many people may be some seconds old, and another one new.
    wait_until(lambda: not others(pages, teacher))
    for slug in ALONE:
        digest, alone = digest_of(teacher, slug), teacher.get(f"/cards/{slug}.pdf", params={"course": COURSE})
        assert f"Fingerprint of the rows: {digest}" in ReadPdf(alone.raise_for_status().content).text, slug


def digest_of(teacher: httpx.Client, slug: str) -> str:
    return str(teacher.get(f"/cards/{slug}.json", params={"course": COURSE}).json()["rows_digest"])


def others(pages: Pages, teacher: httpx.Client) -> list[str]:
    """Cards of a course that show other rows somewhere than elsewhere."""
    on_page = rest(teacher, pages.course)
    on_paper = ReadPdf(teacher.get(f"{pages.course}?file=pdf").raise_for_status().content).text
    cards = [card for card in DASHBOARDS[Dashboard.COURSE] if card.slug in set(on_page) - TICKING]
    assert len(cards) > 10
    found = []
    for card in cards:
        digest = digest_of(teacher, card.slug)
        sheet = teacher.get(f"/cards/{card.slug}.csv", params={"course": COURSE})
        # A page turns the leaves of a long table; the files have all of it.
        told = {digest, sheet.headers["Rows-Digest"]} | (set() if card.paged else {on_page[card.slug]})
        if len(told) > 1 or f"Fingerprint of the rows: {digest}" not in on_paper:
            found.append(card.slug)
    return found


def test_a_page_links_to_its_files_with_everything_that_its_address_says(
    pages: Pages, teacher: httpx.Client
) -> None:
    html = teacher.get(f"{pages.course}?days=7").text
    assert f'href="{pages.course}?days=7&amp;file=pdf"' in html
    answer = teacher.get(f"{pages.course}?days=7&file=pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="Pages-tests-_')
    assert "Lea Learner" in ReadPdf(answer.content).text


def test_the_csv_files_of_a_page_come_in_one_archive(pages: Pages, teacher: httpx.Client) -> None:
    answer = teacher.get(f"{pages.course}?file=csv").raise_for_status()
    assert answer.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        name = next(each for each in archive.namelist() if each.startswith(f"course_lessons_{COURSE}"))
        rows = list(csv.reader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
    assert rows[0] == ["lesson_id", "title", "started", "completed", "stopped"]


@pytest.mark.parametrize("name", ["admin", "student", "manager"])
def test_every_role_takes_its_first_page_home(pages: Pages, name: str) -> None:
    with closing(sign_in(pages.url, name, PASSWORD)) as http:
        if "file=pdf" in http.get("/").text:
            pdf = ReadPdf(http.get("/?file=pdf").raise_for_status().content)
            assert f"Made by and for {name}" in pdf.text


def test_a_video_and_a_learner_too(pages: Pages, teacher: httpx.Client) -> None:
    for address in (pages.video, f"{pages.course}{pages.student}"):
        assert "/Figure" in [
            kind for kind, _ in ReadPdf(teacher.get(f"{address}?file=pdf").raise_for_status().content).tags
        ]


def test_who_may_not_see_a_page_gets_no_file_of_it(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        for address in (f"{pages.course}?file=pdf", f"{pages.student}?file=csv", "/cards/course_daily.pdf"):
            assert http.get(address, params={"course": COURSE}).status_code == 403, address


def test_what_a_student_may_only_look_at_stays_on_the_page(pages: Pages) -> None:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        student = pages.pseudonym(3)
        text = ReadPdf(
            http.get(f"{pages.course}/students/{student}?file=pdf").raise_for_status().content
        ).text
    assert "it cannot be taken away as a file" in text


def test_a_file_of_a_page_is_in_the_trail_as_a_download(pages: Pages, teacher: httpx.Client) -> None:
    teacher.get(f"{pages.course}?file=pdf").raise_for_status()
    found = pages.admin.get("/v1/audit", params={"tag": "metrics:course:export", "limit": 200}).json()
    details = {entry["detail"] for entry in found["entries"] if entry["role"] == "instructor"}
    assert any("course_daily" in each for each in details)
