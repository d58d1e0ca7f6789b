"""Break-glass over HTTP: who may open a record, what is remembered, and who gets to see it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from typing import Any

import httpx
import pytest

from coursepulse.access.accounts import Account
from coursepulse.access.basis import read_grant
from coursepulse.access.viewer import Role
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.clock import to_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.kit.ids import to_text
from tests.access.faculty import Faculty
from tests.identity.harness import PASSWORD, IdentityHarness, Notes, identity_harness
from tests.metrics.small_course import BEN, NOW
from tests.support.browsing import post_form, sign_in
from tests.support.campus_world import World, pseudonym

REASON = "a parent is worried"

BUTTON = "I have reviewed this"

PEOPLE = [role for role in Role if role is not Role.SERVICE]


class Notebook(Notes):
    """A trail in memory; it may be full."""

    full = False

    def write(self, entry: AuditEntry) -> None:
        if self.full:
            raise StoreUnavailable("The trail cannot be written")
        super().write(entry)


class BreakGlassHarness:
    """The endpoints, used with an account or with a key."""

    def __init__(self, server: IdentityHarness, trail: Notebook, clients: ExitStack) -> None:
        self.server, self.trail, self._clients = server, trail, clients
        self._known: dict[str, tuple[Account, httpx.Client]] = {}
        self.http = httpx.Client()

    def sign_in_as(self, role: Role, name: str = "") -> Account:
        """Sign in, as somebody of this role; the account is made the first time."""
        name = name or role.value
        if name not in self._known:
            account = self.server.add(name, role.value)
            http = self._clients.enter_context(closing(sign_in(self.server.url, name, PASSWORD)))
            http.headers["Accept"] = "application/json"
            self._known[name] = account, http
        account, self.http = self._known[name]
        return account

    def use_key(self, *scopes: str) -> None:
        """Use a key with these scopes."""
        wanted = {"name": "-".join(scopes), "scopes": scopes}
        secret = self.server.api("POST", "/v1/keys", wanted).raise_for_status().json()["secret"]
        headers = {"Authorization": f"Bearer {secret}"}
        self.http = self._clients.enter_context(httpx.Client(base_url=self.server.url, headers=headers))

    def open(self, student: str = "ben", reason: str = REASON) -> httpx.Response:
        return self.http.post("/v1/break-glass", json={"student": student, "reason": reason})

    def listed(self) -> Any:
        return self.http.get("/v1/break-glass").raise_for_status().json()

    def acknowledge(self, number: int) -> httpx.Response:
        return self.http.post(f"/v1/break-glass/{number}/acknowledge")

    def page(self) -> str:
        return self.http.get("/break-glass").raise_for_status().text

    def can_read(self, student: str = "ben") -> bool:
        asked = self.http.get("/v1/metrics/student_summary", params={"student": student})
        assert asked.status_code in (200, 403), asked.text
        return asked.status_code == 200

    def entries_about_grants(self) -> list[AuditEntry]:
        """The entries of the trail about access grants."""
        return [entry for entry in self.trail.entries if entry.tag.startswith("break_glass:")]


@pytest.fixture(scope="package")
def shared_harness(filled: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityHarness]:
    folder = tmp_path_factory.mktemp("server")
    with identity_harness(filled.pool, folder, lambda: to_micros(NOW), Notebook()) as built:
        built.services.metrics = filled.metrics
        yield built


@pytest.fixture
def harness(faculty: Faculty, shared_harness: IdentityHarness) -> Iterator[BreakGlassHarness]:
    shared_harness.reset()
    services, trail = shared_harness.services, shared_harness.trail
    assert isinstance(trail, Notebook)
    services.campus, services.relations = faculty.roster, faculty.relations
    services.break_glass = faculty.break_glass
    with ExitStack() as clients:
        yield BreakGlassHarness(shared_harness, trail, clients)
    trail.full = False


@pytest.mark.parametrize("role", PEOPLE)
def test_instructors_and_admins_may_open(harness: BreakGlassHarness, role: Role) -> None:
    harness.sign_in_as(role)
    answer = harness.open()
    if role in (Role.INSTRUCTOR, Role.ADMIN):
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    (entry,) = harness.entries_about_grants()
    assert (entry.tag, entry.subject) == ("break_glass:student:refused", to_text(BEN))
    assert (entry.role, entry.purpose, entry.detail) == (role, "", "reason=no_rule")


def test_no_key_opens_records(harness: BreakGlassHarness) -> None:
    harness.use_key("read", "roster", "audit")
    answer = harness.open()
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert [entry.tag for entry in harness.entries_about_grants()] == ["break_glass:student:refused"]


def test_a_refusal_that_cannot_stand_in_the_trail_is_no_answer(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.STUDENT)
    harness.trail.full = True
    assert harness.open().status_code == 503
    assert harness.http.get("/v1/break-glass").status_code == 503


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR])
def test_reading_the_list_is_in_the_trail(harness: BreakGlassHarness, role: Role) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    harness.open()
    reader = harness.sign_in_as(role)
    for look in (harness.listed, harness.page):
        harness.trail.entries.clear()
        look()
        (entry,) = harness.entries_about_grants()
        assert (entry.tag, entry.actor) == ("break_glass:opening:read", reader.subject)
        assert (entry.subject, entry.detail) == ("", "rows=1")


def test_a_page_without_the_right_to_it_is_refused_on_the_record(harness: BreakGlassHarness) -> None:
    manager = harness.sign_in_as(Role.MANAGER)
    assert harness.http.get("/break-glass").status_code == 403
    assert harness.http.post("/break-glass", data={"student": "ben", "reason": REASON}).status_code == 403
    entries_about_grants = [
        (entry.tag, entry.actor, entry.detail) for entry in harness.entries_about_grants()
    ]
    assert entries_about_grants == [("break_glass:opening:refused", manager.subject, "reason=no_rule")] * 2


def test_acknowledging_without_the_right_is_refused_on_the_record(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.ADMIN, "late")
    harness.sign_in_as(Role.INSTRUCTOR)
    number = harness.open().json()["id"]
    assert harness.acknowledge(number).status_code == 403
    harness.sign_in_as(Role.ADMIN, "root")
    own = harness.open().json()["id"]
    assert harness.acknowledge(own).status_code == 409
    refused = [
        entry for entry in harness.entries_about_grants() if entry.tag == "break_glass:opening:refused"
    ]
    assert [(entry.role, entry.subject, entry.detail) for entry in refused] == [
        ("instructor", str(number), "reason=no_rule"),
        ("admin", str(own), "reason=own_opening"),
    ]


def test_an_opened_record_can_be_read(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    assert not harness.can_read()
    opened = harness.open(to_text(BEN), f"  {REASON}\n").json()
    assert harness.can_read()
    assert (opened["student"], opened["reason"], opened["flagged"]) == (to_text(BEN), REASON, True)
    assert opened["opened_at"] == "2026-03-09T12:00:00Z"
    assert opened["expires_at"] == "2026-03-09T13:00:00Z"


def test_it_stands_in_the_trail(harness: BreakGlassHarness) -> None:
    tom = harness.sign_in_as(Role.INSTRUCTOR)
    harness.open()
    (entry,) = harness.entries_about_grants()
    assert entry.tag == "break_glass:student:open"
    assert (entry.actor, entry.role, entry.subject) == (tom.subject, "instructor", to_text(BEN))
    assert entry.address == "127.0.0.0/24"
    assert entry.request_id
    # The reason itself stands where it can be erased with the student.
    assert REASON not in str(entry)
    assert read_grant(entry.purpose) == harness.listed()[0]["id"]


def test_what_cannot_stand_in_the_trail_does_not_happen(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.ADMIN)
    harness.trail.full = True
    assert harness.open().status_code == 503
    assert not harness.can_read()
    harness.trail.full = False
    assert harness.listed() == []


@pytest.mark.parametrize("reason", ["", "too short", " " * 40, "a\x00b is no reason", "a \t\n b \t\n c \t\n"])
def test_a_reason_must_say_something(harness: BreakGlassHarness, reason: str) -> None:
    harness.sign_in_as(Role.ADMIN)
    answer = harness.open(reason=reason)
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_too_short")
    assert harness.listed() == []


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN])
def test_a_stranger_and_a_student_get_the_same_answer(harness: BreakGlassHarness, role: Role) -> None:
    harness.sign_in_as(role)
    names = ["ben", "nobody-at-all", to_text(BEN), to_text(pseudonym("nobody")), to_text(BEN).upper()]
    answers = [harness.open(name) for name in names]
    assert [answer.status_code for answer in answers] == [201] * len(names)
    opened = [answer.json() for answer in answers]
    assert [each.pop("student") for each in opened] == names
    numbers = [each.pop("id") for each in opened]
    assert all(each == opened[0] for each in opened)
    listed = harness.listed()
    assert sorted(each.pop("id") for each in listed) == numbers
    assert listed == [{"student": "", **each} for each in opened]


def test_those_who_see_all_grants_see_whose_record_it_is(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    number = harness.open("ben").json()["id"]
    harness.sign_in_as(Role.AUDITOR)
    assert [row["student"] for row in harness.listed()] == [to_text(BEN)]
    harness.sign_in_as(Role.ADMIN)
    assert harness.acknowledge(number).json()["student"] == to_text(BEN)


def test_everybody_sees_their_own_and_those_who_search_the_trail_see_all(harness: BreakGlassHarness) -> None:
    accounts = []
    for name in ("tom", "eve"):
        accounts.append(harness.sign_in_as(Role.INSTRUCTOR, name).subject)
        harness.open()
        assert [row["account"] for row in harness.listed()] == accounts[-1:]
    harness.sign_in_as(Role.STUDENT)
    assert harness.listed() == []
    for role in (Role.ADMIN, Role.AUDITOR):
        harness.sign_in_as(role)
        assert [row["account"] for row in harness.listed()] == accounts[::-1]


def test_a_key_of_an_auditor_sees_all_and_another_key_nothing(harness: BreakGlassHarness) -> None:
    tom = harness.sign_in_as(Role.INSTRUCTOR)
    harness.open()
    harness.use_key("audit")
    assert [row["account"] for row in harness.listed()] == [tom.subject]
    harness.use_key("read", "roster", "privacy", "ingest")
    refused = harness.http.get("/v1/break-glass")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "lacks the scope `audit`" in refused.json()["sentence"]


def test_it_is_flagged_until_an_admin_acknowledges_it(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    number = harness.open().json()["id"]
    assert harness.acknowledge(number).status_code == 403
    first = harness.sign_in_as(Role.ADMIN, "root")
    for name in ("root", "late"):
        harness.sign_in_as(Role.ADMIN, name)
        seen = harness.acknowledge(number).raise_for_status().json()
        assert (seen["flagged"], seen["acknowledged_by"]) == (False, first.subject)
    assert harness.entries_about_grants()[-1].tag == "break_glass:opening:acknowledge"
    assert [row["flagged"] for row in harness.listed()] == [False]


def test_what_is_flagged_comes_first(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    first, second = (harness.open(student).json()["id"] for student in ("ben", "ann"))
    harness.sign_in_as(Role.ADMIN)
    harness.acknowledge(second).raise_for_status()
    assert [row["id"] for row in harness.listed()] == [first, second]


def test_an_opening_that_is_not_there(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.ADMIN)
    answer = harness.acknowledge(123456)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_opening")


def test_what_an_admin_opened_is_for_another_admin(harness: BreakGlassHarness) -> None:
    late = harness.sign_in_as(Role.ADMIN, "late")
    harness.sign_in_as(Role.ADMIN, "root")
    number = harness.open().json()["id"]
    answer = harness.acknowledge(number)
    assert (answer.status_code, answer.json()["code"]) == (409, "own_opening")
    assert "another administrator has to" in answer.json()["sentence"]
    assert [row["flagged"] for row in harness.listed()] == [True]
    harness.sign_in_as(Role.ADMIN, "late")
    assert harness.acknowledge(number).json()["acknowledged_by"] == late.subject


def test_an_only_admin_looks_into_what_they_opened(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.INSTRUCTOR)
    harness.server.add("gone", "admin")
    harness.server.api("PATCH", "/v1/accounts/gone", {"disabled": True}).raise_for_status()
    root = harness.sign_in_as(Role.ADMIN, "root")
    number = harness.open().json()["id"]
    assert harness.acknowledge(number).json()["acknowledged_by"] == root.subject


def test_the_screen_says_who_has_to_look_into_it(harness: BreakGlassHarness) -> None:
    harness.sign_in_as(Role.ADMIN, "late")
    harness.sign_in_as(Role.ADMIN, "root")
    number = harness.open().json()["id"]
    assert "another administrator has to" in harness.page()
    assert BUTTON not in harness.page()
    harness.sign_in_as(Role.ADMIN, "late")
    assert BUTTON in harness.page()
    harness.server.api("PATCH", "/v1/accounts/late", {"disabled": True}).raise_for_status()
    harness.sign_in_as(Role.ADMIN, "root")
    assert BUTTON in harness.page()
    answer = post_form(harness.http, "/break-glass", do="acknowledge", number=str(number))
    assert f"You have reviewed access grant {number}" in answer.text
