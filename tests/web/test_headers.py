"""Every answer of the application carries the same headers, whatever it is: page, file, number or error."""

from __future__ import annotations

import asyncio
import re
from typing import Any, cast

import httpx
import pytest
from litestar import HttpMethod

from coursepulse.web.http.headers import header_hook
from coursepulse.web.routes import ROUTES
from tests.support.browsing import token_of, visit
from tests.support.pages import ELSEWHERE, STUDENTS, Pages

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def addresses() -> list[tuple[str, str]]:
    """Every route of the application, with something in the place of each parameter."""
    found = {
        (str(method), re.sub(r"{\w+:uuid}", "0" * 32, path.replace("{number:int}", "1")))
        for handler in ROUTES
        for path in handler.paths  # type: ignore[union-attr]
        for method in getattr(handler, "http_methods", ())
    }
    found |= {("GET", path) for path in ("/docs", "/docs/openapi.json", "/nowhere", "/static/nothing.js")}
    return sorted((method, path) for method, path in found if path != "/live/changes")


def check(answer: httpx.Response, policy: str = POLICY, cache: str = "private, no-store") -> None:
    headers = answer.headers
    assert headers.get_list("content-security-policy") == [policy]
    assert headers.get_list("cache-control") == [cache]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_every_route_answers_a_stranger_with_them(pages: Pages, accept: str) -> None:
    known = addresses()
    assert len(known) > 50
    assert {method for method, _ in known} >= {HttpMethod.GET.value, HttpMethod.POST.value}
    with visit(pages.url) as http:
        for method, path in known:
            check(http.request(method, path, headers={"Accept": accept}))


def test_pages_numbers_and_files_of_people_are_kept_by_no_browser(pages: Pages) -> None:
    cards = (f"/cards/course_headline{form}?course=pages-101" for form in ("", ".json", ".csv"))
    for path in (*pages.all, *cards, "/admin/audit", "/admin/audit/export"):
        answer = pages.get(path)
        assert answer.status_code == 200, path
        check(answer)
    check(pages.sender.http.get("/v1/metrics/course_students", params={"course": "pages-101"}))


def test_live_numbers_carry_them_too(pages: Pages) -> None:
    with pages.admin.stream("GET", "/live/changes") as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        check(answer)


def test_files_of_the_pages_may_be_kept(pages: Pages) -> None:
    check(pages.get("/static/app.css"), cache="max-age=31536000, public, immutable")


def test_only_the_page_made_for_it_may_be_framed_and_only_there(pages: Pages) -> None:
    made = pages.sender.http.post("/v1/embed-tokens", json={"student_id": STUDENTS[0]}).json()
    framed = httpx.get(made["url"])
    assert framed.status_code == 200
    check(framed, POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {ELSEWHERE}"))
    check(httpx.get(f"{pages.url}/embed?token=made-up"))


@pytest.mark.parametrize(
    ("public_url", "scheme", "bound"),
    [
        ("https://learn.example", "http", True),
        ("", "https", True),
        ("", "http", False),
        ("http://learn.example", "http", False),
    ],
)
def test_browsers_that_came_over_https_are_bound_to_it(public_url: str, scheme: str, bound: bool) -> None:
    message: Any = {"type": "http.response.start", "status": 200, "headers": []}
    scope: Any = {"type": "http", "path": "/", "scheme": scheme, "state": {}}
    asyncio.run(cast(Any, header_hook(public_url))(message, scope))
    assert ((b"strict-transport-security", b"max-age=31536000") in message["headers"]) is bound


def test_no_page_has_a_script_or_style_in_it(pages: Pages) -> None:
    for path in (*pages.all, "/docs", "/sign-in", "/admin/audit", "/nowhere"):
        html = pages.get(path).text
        for script in html.split("<script")[1:]:
            assert script.startswith((" src=", ' type="application/json"')), path
        assert "<style" not in html, path
        assert ' style="' not in html, path
        assert " onclick=" not in html, path
        assert "javascript:" not in html, path


def test_pages_numbers_and_scripts_are_compressed_and_receipts_are_not(pages: Pages) -> None:
    for path in (pages.course, "/static/app.css", "/v1/metrics"):
        answer = pages.get(path)
        assert answer.headers.get("content-encoding") == "gzip", path
        assert "accept-encoding" in answer.headers.get("vary", "").lower()
    plain = pages.admin.get(pages.course, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert "content-encoding" not in pages.admin.post("/v1/events", content=b"[]").headers


def test_a_form_token_differs_from_page_to_page_and_each_works(pages: Pages) -> None:
    """A constant secret beside reflected text could be guessed from the length of compressed pages."""
    first, second = (token_of(pages.get("/definitions").text) for _ in range(2))
    assert first != second
    for token in (first, second):
        body = {"form_token": token, "do": "nothing"}
        assert "expired" not in pages.admin.post("/admin/keys", data=body).text
    forged = {"form_token": first[:-1] + "g", "do": "nothing"}
    assert pages.admin.post("/admin/keys", data=forged).status_code == 403


def test_a_frame_that_is_loaded_again_shows_the_same_and_each_time_is_an_entry(pages: Pages) -> None:
    """A token that opened a page once only would leave anybody who goes back with an empty frame."""
    http = pages.sender.http
    made = http.post("/v1/embed-tokens", json={"student_id": STUDENTS[1]}).raise_for_status().json()
    assert [httpx.get(made["url"]).status_code for _ in range(2)] == [200, 200]
    found = http.get("/v1/audit", params={"student": STUDENTS[1], "tag": "identity:embed:open"}).json()
    assert len(found["entries"]) == 2
