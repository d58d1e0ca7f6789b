"""The privacy centre as a student uses it, in the demo, where an administrator may stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.support.browsing import sign_in, token_of
from tests.support.server import platform, wait_until

ANN = "page-ann"


PASSWORD = "a password of the tests"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with platform(tmp_path_factory.mktemp("privacy"), demo=True, demo_password=PASSWORD) as sender:
        people = [{"external_id": ANN, "name": "Ann"}, {"external_id": "page-ben", "name": "Ben"}]
        sender.http.put("/v1/roster/people", json=people).raise_for_status()
        with closing(sign_in(sender.server.url, "admin", PASSWORD)) as http:
            http.follow_redirects = True
            yield http


def centre(browser: httpx.Client, student: str = ANN) -> httpx.Response:
    return browser.get("/privacy", params={"student": student})


def press(browser: httpx.Client, path: str, **fields: str) -> httpx.Response:
    token = token_of(centre(browser).text)
    return browser.post(f"/privacy/{path}", data={"student": ANN, "form_token": token} | fields)


def test_a_decision_is_kept_with_its_wording(browser: httpx.Client) -> None:
    assert "decided nothing yet" in centre(browser).text
    shown = press(browser, "consents", purpose="analytics", granted="yes").text
    assert ">you agree<" in shown
    assert "privacy-centre, 2026-11" in shown
    assert press(browser, "consents", purpose="analytics", granted="no").text.count(">you do not agree<") == 4


def test_an_archive_is_for_its_student_only(browser: httpx.Client) -> None:
    press(browser, "exports")
    link = re.compile(r'/privacy/exports/[^"]+')
    wait_until(lambda: bool(link.search(centre(browser).text)))
    found = link.search(centre(browser).text)
    assert found
    path = found[0].partition("?")[0]
    assert browser.get(path, params={"student": ANN}).content.startswith(b"PK")
    assert browser.get(path, params={"student": "page-ben"}).status_code == 404


def test_strangers_are_refused(browser: httpx.Client) -> None:
    assert browser.get("/privacy").status_code == 403
    assert centre(browser, "nobody").status_code == 403


def test_being_forgotten_needs_the_word(browser: httpx.Client) -> None:
    assert press(browser, "erasures", confirm="yes").status_code == 400
    assert "You are being forgotten" in press(browser, "erasures", confirm="FORGET").text
    wait_until(lambda: centre(browser).status_code == 403)
