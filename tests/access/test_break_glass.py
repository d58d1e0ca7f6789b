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
from tests.identity.house import PASSWORD, House, Notes, house
from tests.metrics.small_course import BEN, NOW
from tests.support.browsing import post_form, sign_in
from tests.support.campus_world import World, pseudonym

REASON = "a parent is worried"

BUTTON = "I looked into it"

PEOPLE = [role for role in Role if role is not Role.SERVICE]


class Notebook(Notes):
    """A trail in memory; it may be full."""

    full = False

    def write(self, entry: AuditEntry) -> None:
        if self.full:
            raise StoreUnavailable("The trail cannot be written")
        super().write(entry)


class Desk:
    """The endpoints, used by whoever sits down: with an account of theirs, or with a key."""

    def __init__(self, home: House, trail: Notebook, seats: ExitStack) -> None:
        self.home, self.trail, self._seats = home, trail, seats
        self._known: dict[str, tuple[Account, httpx.Client]] = {}
        self.http = httpx.Client()

    def sit(self, role: Role, name: str = "") -> Account:
        """Sign in, as somebody of this role; the account is made the first time."""
        name = name or role.value
        if name not in self._known:
            account = self.home.add(name, role.value)
            http = self._seats.enter_context(closing(sign_in(self.home.url, name, PASSWORD)))
            http.headers["Accept"] = "application/json"
            self._known[name] = account, http
        account, self.http = self._known[name]
        return account

    def bring(self, *scopes: str) -> None:
        """Come with a key of these scopes."""
        wanted = {"name": "-".join(scopes), "scopes": scopes}
        secret = self.home.api("POST", "/v1/keys", wanted).raise_for_status().json()["secret"]
        headers = {"Authorization": f"Bearer {secret}"}
        self.http = self._seats.enter_context(httpx.Client(base_url=self.home.url, headers=headers))

    def open(self, student: str = "ben", reason: str = REASON) -> httpx.Response:
        return self.http.post("/v1/break-glass", json={"student": student, "reason": reason})

    def listed(self) -> Any:
        return self.http.get("/v1/break-glass").raise_for_status().json()

    def acknowledge(self, number: int) -> httpx.Response:
        return self.http.post(f"/v1/break-glass/{number}/acknowledge")

    def page(self) -> str:
        return self.http.get("/break-glass").raise_for_status().text

    def sees(self, student: str = "ben") -> bool:
        asked = self.http.get("/v1/metrics/student_summary", params={"student": student})
        assert asked.status_code in (200, 403), asked.text
        return asked.status_code == 200

    def told(self) -> list[AuditEntry]:
        """What stands in the trail about opened records."""
        return [entry for entry in self.trail.entries if entry.tag.startswith("break_glass:")]


@pytest.fixture(scope="package")
def the_house(filled: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    with house(filled.pool, folder, lambda: to_micros(NOW), Notebook()) as built:
        built.services.metrics = filled.metrics
        yield built


@pytest.fixture
def desk(faculty: Faculty, the_house: House) -> Iterator[Desk]:
    the_house.reset()
    services, trail = the_house.services, the_house.trail
    assert isinstance(trail, Notebook)
    services.campus, services.relations = faculty.roster, faculty.relations
    services.break_glass = faculty.break_glass
    with ExitStack() as seats:
        yield Desk(the_house, trail, seats)
    trail.full = False


@pytest.mark.parametrize("role", PEOPLE)
def test_instructors_and_admins_may_open(desk: Desk, role: Role) -> None:
    desk.sit(role)
    answer = desk.open()
    if role in (Role.INSTRUCTOR, Role.ADMIN):
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    (entry,) = desk.told()
    assert (entry.tag, entry.subject) == ("break_glass:student:refused", to_text(BEN))
    assert (entry.role, entry.purpose, entry.detail) == (role, "", "reason=no_rule")


def test_no_key_opens_records(desk: Desk) -> None:
    desk.bring("read", "roster", "audit")
    answer = desk.open()
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert [entry.tag for entry in desk.told()] == ["break_glass:student:refused"]


def test_a_refusal_that_cannot_stand_in_the_trail_is_no_answer(desk: Desk) -> None:
    desk.sit(Role.STUDENT)
    desk.trail.full = True
    assert desk.open().status_code == 503
    assert desk.http.get("/v1/break-glass").status_code == 503


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN, Role.AUDITOR])
def test_a_look_at_the_list_stands_in_the_trail(desk: Desk, role: Role) -> None:
    desk.sit(Role.INSTRUCTOR)
    desk.open()
    reader = desk.sit(role)
    for look in (desk.listed, desk.page):
        desk.trail.entries.clear()
        look()
        (entry,) = desk.told()
        assert (entry.tag, entry.actor) == ("break_glass:opening:read", reader.subject)
        assert (entry.subject, entry.detail) == ("", "rows=1")


def test_whoever_has_no_such_page_is_refused_on_the_record(desk: Desk) -> None:
    manager = desk.sit(Role.MANAGER)
    assert desk.http.get("/break-glass").status_code == 403
    assert desk.http.post("/break-glass", data={"student": "ben", "reason": REASON}).status_code == 403
    told = [(entry.tag, entry.actor, entry.detail) for entry in desk.told()]
    assert told == [("break_glass:opening:refused", manager.subject, "reason=no_rule")] * 2


def test_whoever_may_not_look_into_openings_is_refused_on_the_record(desk: Desk) -> None:
    desk.sit(Role.ADMIN, "late")
    desk.sit(Role.INSTRUCTOR)
    number = desk.open().json()["id"]
    assert desk.acknowledge(number).status_code == 403
    desk.sit(Role.ADMIN, "root")
    own = desk.open().json()["id"]
    assert desk.acknowledge(own).status_code == 409
    refused = [entry for entry in desk.told() if entry.tag == "break_glass:opening:refused"]
    assert [(entry.role, entry.subject, entry.detail) for entry in refused] == [
        ("instructor", str(number), "reason=no_rule"),
        ("admin", str(own), "reason=own_opening"),
    ]


def test_an_opened_record_can_be_read(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    assert not desk.sees()
    opened = desk.open(to_text(BEN), f"  {REASON}\n").json()
    assert desk.sees()
    assert (opened["student"], opened["reason"], opened["flagged"]) == (to_text(BEN), REASON, True)
    assert opened["opened_at"] == "2026-03-09T12:00:00Z"
    assert opened["expires_at"] == "2026-03-09T13:00:00Z"


def test_it_stands_in_the_trail(desk: Desk) -> None:
    tom = desk.sit(Role.INSTRUCTOR)
    desk.open()
    (entry,) = desk.told()
    assert entry.tag == "break_glass:student:open"
    assert (entry.actor, entry.role, entry.subject) == (tom.subject, "instructor", to_text(BEN))
    assert entry.address == "127.0.0.0/24"
    assert entry.request_id
    # The reason itself stands where it can be erased with the student.
    assert REASON not in str(entry)
    assert read_grant(entry.purpose) == desk.listed()[0]["id"]


def test_what_cannot_stand_in_the_trail_does_not_happen(desk: Desk) -> None:
    desk.sit(Role.ADMIN)
    desk.trail.full = True
    assert desk.open().status_code == 503
    assert not desk.sees()
    desk.trail.full = False
    assert desk.listed() == []


@pytest.mark.parametrize("reason", ["", "too short", " " * 40, "a\x00b is no reason", "a \t\n b \t\n c \t\n"])
def test_a_reason_must_say_something(desk: Desk, reason: str) -> None:
    desk.sit(Role.ADMIN)
    answer = desk.open(reason=reason)
    assert (answer.status_code, answer.json()["code"]) == (400, "reason_too_short")
    assert desk.listed() == []


@pytest.mark.parametrize("role", [Role.INSTRUCTOR, Role.ADMIN])
def test_a_stranger_and_a_student_get_the_same_answer(desk: Desk, role: Role) -> None:
    desk.sit(role)
    names = ["ben", "nobody-at-all", to_text(BEN), to_text(pseudonym("nobody")), to_text(BEN).upper()]
    answers = [desk.open(name) for name in names]
    assert [answer.status_code for answer in answers] == [201] * len(names)
    opened = [answer.json() for answer in answers]
    assert [each.pop("student") for each in opened] == names
    numbers = [each.pop("id") for each in opened]
    assert all(each == opened[0] for each in opened)
    listed = desk.listed()
    assert sorted(each.pop("id") for each in listed) == numbers
    assert listed == [{"student": "", **each} for each in opened]


def test_those_who_look_over_all_openings_see_whose_record_it_is(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    number = desk.open("ben").json()["id"]
    desk.sit(Role.AUDITOR)
    assert [row["student"] for row in desk.listed()] == [to_text(BEN)]
    desk.sit(Role.ADMIN)
    assert desk.acknowledge(number).json()["student"] == to_text(BEN)


def test_everybody_sees_their_own_and_those_who_search_the_trail_see_all(desk: Desk) -> None:
    accounts = []
    for name in ("tom", "eve"):
        accounts.append(desk.sit(Role.INSTRUCTOR, name).subject)
        desk.open()
        assert [row["account"] for row in desk.listed()] == accounts[-1:]
    desk.sit(Role.STUDENT)
    assert desk.listed() == []
    for role in (Role.ADMIN, Role.AUDITOR):
        desk.sit(role)
        assert [row["account"] for row in desk.listed()] == accounts[::-1]


def test_a_key_of_an_auditor_sees_all_and_another_key_nothing(desk: Desk) -> None:
    tom = desk.sit(Role.INSTRUCTOR)
    desk.open()
    desk.bring("audit")
    assert [row["account"] for row in desk.listed()] == [tom.subject]
    desk.bring("read", "roster", "privacy", "ingest")
    refused = desk.http.get("/v1/break-glass")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    assert "lacks the scope `audit`" in refused.json()["sentence"]


def test_it_is_flagged_until_an_admin_acknowledges_it(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    number = desk.open().json()["id"]
    assert desk.acknowledge(number).status_code == 403
    first = desk.sit(Role.ADMIN, "root")
    for name in ("root", "late"):
        desk.sit(Role.ADMIN, name)
        seen = desk.acknowledge(number).raise_for_status().json()
        assert (seen["flagged"], seen["acknowledged_by"]) == (False, first.subject)
    assert desk.told()[-1].tag == "break_glass:opening:acknowledge"
    assert [row["flagged"] for row in desk.listed()] == [False]


def test_what_is_flagged_comes_first(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    first, second = (desk.open(student).json()["id"] for student in ("ben", "ann"))
    desk.sit(Role.ADMIN)
    desk.acknowledge(second).raise_for_status()
    assert [row["id"] for row in desk.listed()] == [first, second]


def test_an_opening_that_is_not_there(desk: Desk) -> None:
    desk.sit(Role.ADMIN)
    answer = desk.acknowledge(123456)
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_opening")


def test_what_an_admin_opened_is_for_another_admin(desk: Desk) -> None:
    late = desk.sit(Role.ADMIN, "late")
    desk.sit(Role.ADMIN, "root")
    number = desk.open().json()["id"]
    answer = desk.acknowledge(number)
    assert (answer.status_code, answer.json()["code"]) == (409, "own_opening")
    assert "another administrator has to" in answer.json()["sentence"]
    assert [row["flagged"] for row in desk.listed()] == [True]
    desk.sit(Role.ADMIN, "late")
    assert desk.acknowledge(number).json()["acknowledged_by"] == late.subject


def test_an_only_admin_looks_into_what_they_opened(desk: Desk) -> None:
    desk.sit(Role.INSTRUCTOR)
    desk.home.add("gone", "admin")
    desk.home.api("PATCH", "/v1/accounts/gone", {"disabled": True}).raise_for_status()
    root = desk.sit(Role.ADMIN, "root")
    number = desk.open().json()["id"]
    assert desk.acknowledge(number).json()["acknowledged_by"] == root.subject


def test_the_screen_says_who_has_to_look_into_it(desk: Desk) -> None:
    desk.sit(Role.ADMIN, "late")
    desk.sit(Role.ADMIN, "root")
    number = desk.open().json()["id"]
    assert "another administrator has to" in desk.page()
    assert BUTTON not in desk.page()
    desk.sit(Role.ADMIN, "late")
    assert BUTTON in desk.page()
    desk.home.api("PATCH", "/v1/accounts/late", {"disabled": True}).raise_for_status()
    desk.sit(Role.ADMIN, "root")
    assert BUTTON in desk.page()
    answer = post_form(desk.http, "/break-glass", do="acknowledge", number=str(number))
    assert f"you looked into opening {number}" in answer.text
