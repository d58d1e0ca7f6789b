"""Every page, card and number, asked with numbers, days and characters that nothing can hold.

Screens and cards are here, too, which the description of the API does not show. Nothing may end in an error of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import quote

import httpx
import pytest

from coursepulse.dashboards.catalog import all_cards
from coursepulse.metrics.catalog import METRICS
from coursepulse.web.routes import ROUTES
from tests.support.browsing import post_form, sign_in
from tests.support.long import LONG
from tests.support.pages import COURSE, PASSWORD, Pages

pytestmark = pytest.mark.slow

#: As they stand in an address.
NUMBERS: tuple[str, ...] = ("9223372036854775808", "-1", "9" * 5000, "%C2%B2")
DAYS: tuple[str, ...] = ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00%2B14:00")
CHARACTERS: tuple[str, ...] = ("a%00b", "%ED%A0%80", "x" * 60_000)
if LONG:
    NUMBERS += ("9223372036854775807", "9" * 25, "1e400")
    DAYS += ("0001-01-01", "9999-12-31")
    CHARACTERS += ("%00", "%FF")

#: What parameters are that are no text.
KINDS: dict[str, tuple[str, ...]] = {"from": (*DAYS, *NUMBERS), "to": (*DAYS, *NUMBERS)}
KINDS |= dict.fromkeys(("days", "page", "after", "limit", "offset"), (*NUMBERS, "%00"))

#: Every screen with its parameters; those in the path first.
SCREENS: dict[str, str] = {
    "/": "days page sort",
    "/courses/{course_id:str}": "course_id days page sort search bucket engagement status",
    "/courses/{course_id:str}/students/{student_id:str}": "course_id student_id days page sort",
    "/courses/{course_id:str}/videos/{video_id:str}": "course_id video_id days",
    "/students/{student_id:str}": "student_id days page sort",
    "/cards/{name:str}": "name course student video team days page sort search bucket engagement status",
    "/courses/{course_id:str}/alert-thresholds": "course_id",
    "/courses/{course_id:str}/leaderboard": "course_id removed",
    "/courses/{course_id:str}/risk-thresholds": "course_id",
    "/teams/{team_id:str}": "team_id",
    "/alerts": "state course rule severity after",
    "/alerts/list": "state course rule severity after",
    "/alerts/count": "any",
    "/alerts/{alert:uuid}": "alert",
    "/evidence/{name:str}": "name column course student video days item",
    "/definitions": "any",
    "/definitions/vectors/{name:str}": "name",
    "/first-steps": "any",
    "/goals": "any",
    "/messages/templates": "template",
    "/search": "q",
    "/reports": "page",
    "/reports/stop/{token:str}": "token",
    "/set-up": "token",
    "/admin/audit": "actor subject student tag text from to after verify",
    "/courses/{course_id:str}/compare": "course_id with",
    "/admin/audit/export": "actor subject student tag text from to format",
    "/admin/users": "any",
    "/admin/keys": "any",
    "/admin/quality": "days page sort",
    "/admin/system": "days page sort",
    "/admin/reconciliation": "any",
    "/admin/models": "model",
    "/break-glass": "student",
    "/privacy": "student filed name",
    "/privacy/accesses": "after",
    "/privacy/accesses/card": "any",
    "/privacy/exports/{number:uuid}": "number student",
    "/sign-in": "next",
    "/sign-in/provider": "next",
    "/sign-in/provider/callback": "code state",
    "/embed": "token days",
    "/live/changes": "watch",
    "/metrics": "any",
    "/notifications": "any",
    "/webhooks": "any",
    "/unsubscribe/{token:str}": "token",
}


class Asker(NamedTuple):
    http: httpx.Client
    pages: Pages

    def ask(self, path: str, name: str, value: str, **usual: str) -> None:
        """Ask for an address with one hostile part."""
        standing = {"course_id": COURSE, "student_id": self.student, "name": "course_students"}
        parts = {"video_id": "v1", "number": "0" * 32, "alert": "0" * 32} | standing | {name: value}
        whole = re.sub(r"{(\w+):\w+}", lambda part: parts[part[1]], path)
        query = usual if f"{{{name}:" in path else usual | {name: value}
        answer = self.http.get(f"{whole}?{'&'.join(f'{key}={text}' for key, text in query.items())}")
        assert answer.status_code < 500, (path, name, value[:40], answer.text)
        assert answer.status_code != 422, (path, name, value[:40], answer.text)

    @property
    def student(self) -> str:
        return self.pages.student.rpartition("/")[2]


@pytest.fixture(scope="module")
def student(pages: Pages) -> Iterator[Asker]:
    with closing(sign_in(pages.url, "student", PASSWORD)) as http:
        yield Asker(http, pages)


def test_every_screen_is_in_the_table() -> None:
    paths = {path for each in ROUTES for path in getattr(each, "paths", ()) if "GET" in each.http_methods}  # type: ignore[union-attr]
    assert {path for path in paths if not path.startswith("/v1/")} == set(SCREENS)


@pytest.mark.parametrize("path", SCREENS)
def test_no_screen_is_an_error_of_the_server(pages: Pages, path: str) -> None:
    ask_everything(Asker(pages.admin, pages), path, "course_students")


@pytest.mark.parametrize("path", ["/", *(path for path in SCREENS if path.startswith("/privacy"))])
def test_no_screen_of_a_student_is_an_error_of_the_server(student: Asker, path: str) -> None:
    ask_everything(student, path, "student_videos")


def ask_everything(asker: Asker, path: str, card: str) -> None:
    for place, name in enumerate(SCREENS[path].split(), list(SCREENS).index(path)):
        for value in in_turn(KINDS.get(name, CHARACTERS), place, 2):
            asker.ask(path, name, value, **({"card": card} if name in ("page", "sort") else {}))


def in_turn(values: tuple[str, ...], place: int, number: int) -> tuple[str, ...]:
    """All of them in the long run, otherwise so many, and others at the next place: one reader serves all places."""
    chosen = [(place + step) % len(values) for step in range(number)]
    return values if LONG else tuple(values[each] for each in chosen)


@pytest.mark.long
@pytest.mark.parametrize("slug", all_cards())
def test_no_card_is_an_error_of_the_server(pages: Pages, slug: str) -> None:
    asker = Asker(pages.admin, pages)
    usual = {"course": COURSE, "video": "v1", "student": asker.student, "team": "sales"}
    asked = [(form, name) for form in ("", ".csv") for name in ("page", "days", "sort")]
    for place, (form, name) in enumerate(asked, list(all_cards()).index(slug)):
        for value in in_turn(NUMBERS, place, 1):
            asker.ask(f"/cards/{slug}{form}", name, value, **usual)


@pytest.mark.long
@pytest.mark.parametrize("slug", METRICS)
def test_no_number_is_an_error_of_the_server(pages: Pages, slug: str) -> None:
    student = pages.student.rpartition("/")[2]
    known = {"course": COURSE, "video": "v1", "student": student, "team": "sales"}
    usual = {name: known[name] for name in map(str, METRICS[slug].needs) if name in known}
    for name in (*map(str, METRICS[slug].parameters), "format"):
        for value in KINDS.get(name, CHARACTERS):
            Asker(pages.sender.http, pages).ask(f"/v1/metrics/{slug}", name, value, **usual)


@pytest.mark.parametrize("path", ["/v1/audit", "/v1/audit/export", "/v1/compliance"])
@pytest.mark.parametrize("name", ["from", "to"])
def test_no_moment_is_an_error_of_the_server(pages: Pages, path: str, name: str) -> None:
    for value in KINDS[name]:
        Asker(pages.sender.http, pages).ask(path, name, value)


@pytest.mark.parametrize("path", ["/static/", "/static/app.css/", "/", "/v1/"])
def test_no_name_of_a_file_is_an_error_of_the_server(pages: Pages, path: str) -> None:
    for value in (*NUMBERS, *CHARACTERS):
        assert pages.get(f"{path}{value}").status_code in (400, 404), value[:40]


@pytest.mark.parametrize(
    ("page", "fields", "name"),
    [
        ("/admin/users", {"do": "add", "login_name": "eve", "organisation_id": "a\0b"}, "organisation_id"),
        ("/admin/users", {"do": "disable", "login_name": "a\0b"}, "login_name"),
        ("/admin/keys", {"do": "revoke", "name": "a\0b"}, "name"),
        ("/break-glass", {"do": "open", "student": "a\0b", "reason": "asked by letter"}, "student"),
        ("/webhooks", {"do": "add", "name": "a\0b", "kind": "plain", "url": "https://x/"}, "name"),
        ("/notifications", {"pace": "daily", "hour": "8", "time_zone": "a\0b"}, "time_zone"),
        ("/sign-in", {"login_name": "a\0b", "password": "x"}, "login_name"),
    ],
)  # fmt: skip
def test_a_form_says_which_field_no_store_can_hold(
    pages: Pages, page: str, fields: dict[str, Any], name: str
) -> None:
    answer = post_form(pages.admin, page, **fields)
    assert answer.status_code == 400
    assert f"`{name}` contains the character U+0000; remove it." in answer.text


@pytest.mark.parametrize(
    ("method", "path", "body", "name"),
    [
        ("GET", f"/v1/metrics/clicks?course={quote('a')}%00", None, "course"),
        ("GET", "/v1/audit/export?actor=%00", None, "actor"),
        ("GET", "/v1/consents/a%00", None, "external_id"),
        ("PUT", f"/v1/roster/seen?source=a%00&delivery={'0' * 32}", [{"external_id": "x"}], "source"),
        ("POST", "/v1/roster/deliveries", {"source": "a\0", "delivery": "0" * 32}, "source"),
        ("POST", "/v1/accounts", {"login_name": "eve", "role": "student", "organisation_id": "\0"}, "organisation_id"),
        ("PATCH", "/v1/accounts/instructor", {"organisation_id": "\0"}, "organisation_id"),
        ("PATCH", "/v1/accounts/a%00", {"role": "student"}, "login_name"),
        ("DELETE", "/v1/keys/a%00", None, "name"),
    ],
)  # fmt: skip
def test_the_api_says_which_parameter_no_store_can_hold(
    pages: Pages, method: str, path: str, body: Any, name: str
) -> None:
    answer = pages.sender.http.request(method, path, json=body)
    assert answer.status_code == 400
    assert answer.json() == {
        "code": "invalid_request",
        "sentence": f"`{name}` contains the character U+0000; remove it.",
        "path": f"$.{name}",
    }
