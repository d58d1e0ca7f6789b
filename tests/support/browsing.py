"""Signing in over HTTP as a browser does, without one."""

from __future__ import annotations

import re

import httpx


def visit(url: str) -> httpx.Client:
    """A visitor of a server who is not signed in."""
    return httpx.Client(base_url=url, headers={"Accept": "text/html", "Origin": url}, timeout=60)


def token_of(html: str) -> str:
    """What the forms of a page prove themselves with."""
    found = re.search(r'name="form_token" value="(\w+)"', html)
    assert found
    return found[1]


def without_tokens(html: str) -> str:
    """A page without what its forms prove themselves with, which differs each time."""
    return re.sub(r'name="form_token" value="\w+"', "", html)


def try_sign_in(http: httpx.Client, name: str, password: str, then: str = "") -> httpx.Response:
    """The answer to the sign-in form."""
    token = token_of(http.get("/sign-in").text)
    form = {"form_token": token, "login_name": name, "password": password, "next": then}
    return http.post("/sign-in", data=form)


def sign_in(url: str, name: str, password: str) -> httpx.Client:
    """A browser in which somebody is signed in."""
    http = visit(url)
    answer = try_sign_in(http, name, password)
    assert answer.status_code == 303, answer.text
    return http


def post_form(http: httpx.Client, page: str, **fields: str | list[str]) -> httpx.Response:
    """The answer to a form of ``page`` that is sent to the page itself."""
    return http.post(page, data={"form_token": token_of(http.get(page).text)} | fields)
