"""The privacy centre as a student uses it, in the demo, where an administrator may stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from tests.support.server import Platform, platform, wait_until

ANN = "page-ann"


@pytest.fixture(scope="module")
def sender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("privacy"), demo=True) as sender:
        people = [{"external_id": ANN, "name": "Ann"}, {"external_id": "page-ben", "name": "Ben"}]
        sender.http.put("/v1/roster/people", json=people).raise_for_status()
        sender.http.headers["Accept"] = "text/html"
        sender.http.follow_redirects = True
        yield sender


def press(sender: Platform, path: str, **fields: str) -> httpx.Response:
    return sender.http.post(f"/privacy/{path}", data={"student": ANN} | fields)


def test_a_decision_is_kept_with_its_wording(sender: Platform) -> None:
    assert "decided nothing yet" in sender.http.get("/privacy", params={"student": ANN}).text
    shown = press(sender, "consents", purpose="analytics", granted="yes").text
    assert "You agree." in shown
    assert "privacy-centre 2026-11" in shown
    assert press(sender, "consents", purpose="analytics", granted="no").text.count("You do not agree.") == 4


def test_an_archive_is_for_its_student_only(sender: Platform) -> None:
    press(sender, "exports")
    link = re.compile(r'/privacy/exports/[^"]+')
    wait_until(lambda: bool(link.search(sender.http.get("/privacy", params={"student": ANN}).text)))
    found = link.search(sender.http.get("/privacy", params={"student": ANN}).text)
    assert found
    path = found[0].partition("?")[0]
    assert sender.http.get(path, params={"student": ANN}).content.startswith(b"PK")
    assert sender.http.get(path, params={"student": "page-ben"}).status_code == 404


def test_being_forgotten_needs_the_word(sender: Platform) -> None:
    assert press(sender, "erasures", confirm="yes").status_code == 400
    assert "You are being forgotten" in press(sender, "erasures", confirm="FORGET").text
    wait_until(lambda: sender.http.get("/privacy", params={"student": ANN}).status_code == 403)


def test_forms_of_other_sites_and_strangers_are_refused(sender: Platform) -> None:
    sender.http.headers["Sec-Fetch-Site"] = "cross-site"
    assert press(sender, "erasures", confirm="FORGET").status_code == 403
    del sender.http.headers["Sec-Fetch-Site"]
    assert sender.http.get("/privacy").status_code == 403
    assert sender.http.get("/privacy", params={"student": "nobody"}).status_code == 403
