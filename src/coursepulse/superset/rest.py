"""Asking a Superset over its REST API."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any, TypeAlias

import httpx

from coursepulse.kit.errors import CoursepulseError, StoreUnavailable

#: What Superset answers.
Answer: TypeAlias = Any

#: Superset gives at most so many of a list at once.
_PAGE = 100

#: An import checks the database that it names, and may wait for it.
_PATIENCE = 120.0


class SupersetRefused(CoursepulseError):
    """Superset does not do what it was asked to."""


class SupersetServer:
    """A Superset, as one of its users; a context manager.

    :raises SupersetRefused: when it knows no such user
    :raises StoreUnavailable: when it does not answer
    """

    def __init__(self, url: str, login: str, password: str) -> None:
        self._http = httpx.Client(base_url=url.rstrip("/"), timeout=_PATIENCE)
        try:
            self._sign_in(login, password)
        except CoursepulseError:
            self._http.close()
            raise

    def __enter__(self) -> SupersetServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def ask(self, method: str, path: str, **sent: Any) -> Answer:
        """What it answers to a request.

        :raises SupersetRefused: in its own words
        :raises StoreUnavailable: when it does not answer
        """
        try:
            answer = self._http.request(method, f"/api/v1/{path}", **sent)
        except httpx.HTTPError as error:
            raise StoreUnavailable(f"Superset does not answer: {error}") from error
        if answer.is_error:
            raise SupersetRefused(f"Superset refuses {path}: {_words(answer)}")
        return answer.json()

    def everything(self, path: str) -> list[Answer]:
        """A whole list."""
        found: list[Answer] = []
        while True:
            wanted = f"(page:{len(found) // _PAGE},page_size:{_PAGE})"
            page = self.ask("GET", path, params={"q": wanted})
            found += page["result"]
            if len(page["result"]) < _PAGE:
                return found

    def bring(self, archive: bytes, passwords: dict[str, str]) -> None:
        """Import files, over those that an earlier import made.

        :param passwords: by the path of the database that each is of
        """
        self.ask(
            "POST",
            "assets/import/",
            files={"bundle": ("coursepulse.zip", archive, "application/zip")},
            data={"passwords": json.dumps(passwords)},
        )

    def _sign_in(self, login: str, password: str) -> None:
        wish = {"username": login, "password": password, "provider": "db", "refresh": False}
        token = self.ask("POST", "security/login", json=wish)["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"
        # Superset asks for both, and for the page that a request comes from.
        self._http.headers["X-CSRFToken"] = self.ask("GET", "security/csrf_token/")["result"]
        self._http.headers["Referer"] = str(self._http.base_url)


def _words(answer: httpx.Response) -> str:
    """What it says, without the page around it."""
    try:
        told = answer.json()
    except ValueError:
        return f"status {answer.status_code}"
    return json.dumps(told.get("message") or told.get("errors") or told)[:500]
