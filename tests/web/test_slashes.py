"""A course whose id has slashes, as old courses of Open edX do, has the same pages as any other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from urllib.parse import quote, urlsplit

import httpx
import pytest

from tests.support.browsing import sign_in
from tests.support.pages import PASSWORD, Pages

COURSE = "MITx/6.002x/2012_Fall"
VIDEO = "i4x://MITx/6.002x/video/S1"


@pytest.fixture(scope="module")
def teacher(pages: Pages) -> Iterator[httpx.Client]:
    course = {
        "course_id": COURSE,
        "title": "Circuits & Electronics",
        "instructors": ["pages-teacher"],
        "videos": [{"video_id": VIDEO, "title": "Signals", "duration_s": 60}],
    }
    pages.sender.http.put("/v1/roster/courses", json=[course]).raise_for_status()
    with closing(sign_in(pages.url, "instructor", PASSWORD)) as http:
        yield http


def test_its_page_opens_and_every_link_on_it_that_leads_into_the_course(teacher: httpx.Client) -> None:
    address = f"/courses/{quote(COURSE, safe='')}"
    page = teacher.get(address).raise_for_status()
    assert "Circuits &amp; Electronics" in page.text
    links = {unescape(each) for each in re.findall(r'(?:href|action)="([^"#]+)', page.text)}
    inside = {each for each in links if urlsplit(each).path.startswith("/courses/")}
    assert any(urlsplit(each).path == address for each in inside)
    assert len(inside) > 3
    for each in inside:
        assert teacher.get(each, follow_redirects=True).status_code == 200, each


def test_an_id_in_several_parts_of_an_address_stays_what_it_is(teacher: httpx.Client) -> None:
    path = f"/courses/{quote(COURSE, safe='')}/videos/{quote(VIDEO, safe='')}"
    text = unescape(teacher.get(path).raise_for_status().text)
    assert f"course={quote(COURSE, safe='')}" in text or COURSE in text
    assert VIDEO in text or quote(VIDEO, safe="") in text
    # The same parts with slashes of an address are another address.
    assert teacher.get(f"/courses/{COURSE}").status_code == 404


def test_a_slash_that_hides_leads_out_of_no_folder(pages: Pages) -> None:
    with httpx.Client(base_url=pages.url) as http:
        assert http.get("/static/..%2f..%2fpyproject.toml").status_code == 404
        assert http.get("/v1%2fevents").status_code == 404
