"""The privacy centre as students use it, and as an administrator does whom one of them has written a letter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from coursepulse.privacy.consent import Purpose
from tests.support.browsing import sign_in, token_of, without_tokens
from tests.support.server import Platform, platform, wait_until

ANN, BEN, CAT = "page-ann", "page-ben", "page-cat"

PASSWORD = "a password of the tests"

ARCHIVE = re.compile(r'/privacy/exports/[^"]+')


class Centre:
    """The privacy centre of a server, and the person who uses it."""

    def __init__(self, sender: Platform, people: dict[str, httpx.Client]) -> None:
        self.sender, self.people = sender, people

    def show(self, who: str, student: str = "") -> httpx.Response:
        return self.people[who].get("/privacy", params={"student": student})

    def press(self, who: str, path: str, *, student: str = "", **fields: str) -> httpx.Response:
        token = token_of(self.people[who].get("/break-glass" if who == "root" else "/privacy").text)
        data = {"student": student, "form_token": token} | fields
        return self.people[who].post(f"/privacy/{path}", data=data)

    def archive(self, who: str, student: str = "") -> str:
        """Where the archive on the page is, once it is ready."""
        wait_until(lambda: bool(ARCHIVE.search(self.show(who, student).text)))
        found = ARCHIVE.search(self.show(who, student).text)
        assert found
        return found[0].partition("?")[0]

    def open(self, student: str) -> httpx.Response:
        """The page of a record that the administrator opens."""
        token = token_of(self.people["root"].get("/break-glass").text)
        data = {"student": student, "reason": "A letter came by post.", "form_token": token}
        return self.people["root"].post("/break-glass", data=data).raise_for_status()

    def tags(self, student: str) -> list[str]:
        """What the trail says was done about a student."""
        return [entry["tag"] for entry in self.entries(student)]

    def entries(self, student: str) -> list[dict[str, Any]]:
        """What the trail says about a student, newest first."""
        found = self.sender.http.get("/v1/audit", params={"student": student}).raise_for_status()
        return list(found.json()["entries"])


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    with platform(tmp_path_factory.mktemp("privacy")) as sender, ExitStack() as stack:
        people = [{"external_id": ANN, "name": "Ann"}, {"external_id": BEN, "name": "Ben"}]
        people.append({"external_id": CAT, "name": "Cat"})
        sender.http.put("/v1/roster/people", json=people).raise_for_status()
        roles = {ANN: "student", BEN: "student", "root": "admin", "tom": "instructor"}
        signed_in = {}
        for name, role in roles.items():
            account = {"login_name": name, "role": role, "password": PASSWORD}
            account |= {"person": name, "reason": "The student asked for it."} if role == "student" else {}
            sender.http.post("/v1/accounts", json=account).raise_for_status()
            signed_in[name] = stack.enter_context(closing(sign_in(sender.server.url, name, PASSWORD)))
            signed_in[name].follow_redirects = True
        yield Centre(sender, signed_in)


def test_a_decision_counts_even_after_one_by_a_clock_that_ran_ahead(centre: Centre) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=4)
    row = {"external_id": BEN, "purpose": "research", "granted": True, "at": ahead.isoformat()}
    centre.sender.http.put("/v1/consents", json=[row]).raise_for_status()
    assert centre.show(BEN).text.count(">you agree<") == 1
    assert ">you agree<" not in centre.press(BEN, "consents", purpose="research", granted="no").text


def test_a_decision_is_kept_with_its_wording(centre: Centre) -> None:
    assert "not decided anything yet" in centre.show(ANN).text
    shown = centre.press(ANN, "consents", purpose="analytics", granted="yes").text
    assert ">you agree<" in shown
    assert "privacy-centre, 2026-11-30" in shown
    assert centre.press(ANN, "consents", purpose="analytics", granted="no").text.count(
        ">you do not agree<"
    ) == len(Purpose)


def test_an_archive_is_for_its_student_only(centre: Centre) -> None:
    centre.press(ANN, "exports")
    path = centre.archive(ANN)
    assert "privacy:archive:read" not in centre.tags(ANN)
    assert centre.people[ANN].get(path).content.startswith(b"PK")
    assert "privacy:archive:read" in centre.tags(ANN)
    assert centre.people[BEN].get(path).status_code == 404
    assert centre.people[BEN].get(path, params={"student": ANN}).status_code == 403


def test_nobody_gets_at_the_page_of_another(centre: Centre) -> None:
    for who in ("root", "tom", ANN):
        for student in ("", CAT, "nobody"):
            if who == ANN and not student:
                continue
            refused = centre.show(who, student)
            assert refused.status_code == 403
            assert without_tokens(refused.text) == without_tokens(centre.show(who, "nobody at all").text)
    tried = [each["who"] for each in centre.entries(CAT) if each["tag"] == "privacy:student:refused"]
    assert tried == [ANN, "tom", "root"]


def test_a_student_whom_the_roster_does_not_know_is_told_so(centre: Centre) -> None:
    account = {"login_name": "eve", "role": "student", "password": PASSWORD, "person": "eve"}
    account |= {"reason": "The student asked for it."}
    centre.sender.http.post("/v1/accounts", json=account).raise_for_status()
    with closing(sign_in(centre.sender.server.url, "eve", PASSWORD)) as eve:
        shown = eve.get("/privacy")
    assert shown.status_code == 404
    assert "add you to the roster" in shown.text


def test_an_administrator_acts_for_a_student_whose_record_is_open(centre: Centre) -> None:
    link = re.search(r'href="(/privacy\?student=[^"]+)"', centre.open(CAT).text)
    assert link
    shown = centre.people["root"].get(link[1]).text
    assert "You are acting for Cat" in shown
    assert "Type ERASE to confirm that the data of Cat is to be erased" in shown
    assert 'name="granted"' not in shown
    assert "The student has not decided anything yet" in shown
    assert "/privacy/accesses" not in shown
    assert (
        centre.press("root", "consents", student=CAT, purpose="analytics", granted="yes").status_code == 403
    )
    centre.press("root", "exports", student=CAT)
    assert {each["purpose"] for each in centre.entries(CAT) if each["tag"] == "privacy:student:export"} == {
        "Opened record 4. “A letter came by post.”"
    }
    path = centre.archive("root", CAT)
    assert centre.people["root"].get(path, params={"student": CAT}).content.startswith(b"PK")
    centre.press("root", "erasures", student=CAT, confirm="ERASE")
    wait_until(lambda: centre.show("root", CAT).status_code == 403)


def test_an_administrator_who_learns_here_too_acts_for_the_student_and_not_for_themselves(
    centre: Centre,
) -> None:
    own = {"external_id": "root-p", "name": "Root"}
    centre.sender.http.put("/v1/roster/people", json=[own, {"external_id": "dan-p", "name": "Dan"}])
    centre.sender.http.patch(
        "/v1/accounts/root", json={"person": "root-p", "reason": "Learns here as well."}
    ).raise_for_status()
    for student in ("root-p", "dan-p"):
        centre.open(student)
    shown = centre.show("root", "dan-p").text
    assert "You are acting for Dan" in shown
    assert "confirm that the data of Dan is to be erased" in shown
    assert "confirm that your data, Root, is to be erased" in centre.show("root").text
    centre.press("root", "exports", student="dan-p")
    centre.press("root", "erasures", student="dan-p", confirm="ERASE")
    wait_until(lambda: centre.show("root", "dan-p").status_code == 403)
    assert centre.show("root").status_code == 200
    assert not [each for each in centre.entries("root-p") if each["tag"].startswith("privacy:student:e")]


def test_being_forgotten_needs_the_word(centre: Centre) -> None:
    assert centre.press(ANN, "erasures", confirm="yes").status_code == 400
    assert "Your data is being erased" in centre.press(ANN, "erasures", confirm="ERASE").text
    wait_until(lambda: centre.show(ANN).url.path == "/sign-in")
