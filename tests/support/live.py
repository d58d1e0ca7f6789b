"""The stream of an open page, as a browser listens to it."""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import httpx


class Told(NamedTuple):
    """One server-sent event, and when it came."""

    event: str
    mark: str
    news: Any
    at: float


class OpenPage:
    """What a page has been told."""

    def __init__(self, answer: httpx.Response) -> None:
        self._answer, self._told = answer, queue.Queue[Told | None]()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def next(self, timeout: float = 20) -> Told:
        """The next event; fails when none comes."""
        told = self._told.get(timeout=timeout)
        assert told is not None, "the stream has ended"
        return told

    def changed(self, timeout: float = 20) -> set[str]:
        """What the next news of its subjects is about."""
        return set(self.news(timeout).news["changed"]) - {"alerts"}

    def news(self, timeout: float = 20) -> Told:
        """The next news of its subjects: alerts come and go by a clock of their own."""
        return self._next_about(lambda subjects: bool(subjects - {"alerts"}), timeout)

    def alerted(self, timeout: float = 20) -> Told:
        """The next news of alerts."""
        return self._next_about(lambda subjects: "alerts" in subjects, timeout)

    def _next_about(self, about: Callable[[set[str]], bool], timeout: float) -> Told:
        deadline = time.monotonic() + timeout
        while (told := self.next(deadline - time.monotonic())).event != "changed" or not about(
            set(told.news["changed"])
        ):
            pass
        return told

    def all_within(self, seconds: float) -> list[Told]:
        """Every event of the next seconds."""
        deadline, found = time.monotonic() + seconds, []
        while (left := deadline - time.monotonic()) > 0:
            try:
                found.append(self.next(left))
            except queue.Empty:
                break
        return found

    def ends_within(self, seconds: float) -> bool:
        """Whether the server ends the stream."""
        deadline = time.monotonic() + seconds
        try:
            while self._told.get(timeout=deadline - time.monotonic()) is not None:
                pass
        except queue.Empty:
            return False
        return True

    def _listen(self) -> None:
        fields: dict[str, str] = {}
        try:
            for line in self._answer.iter_lines():
                if line:
                    name, _, value = line.partition(": ")
                    fields[name] = value
                elif fields:
                    self._told.put(_read(fields))
                    fields = {}
        except httpx.HTTPError:
            pass
        self._told.put(None)


@contextmanager
def open_page(
    http: httpx.Client, *watch: str, after: str = "", headers: Sequence[tuple[str, str]] = ()
) -> Iterator[OpenPage]:
    """A page that watches these subjects; leaving it closes the connection."""
    params = {"watch": list(watch)} | ({"after": [after]} if after else {})
    with http.stream("GET", "/live/changes", params=params, headers=dict(headers)) as answer:
        answer.raise_for_status()
        yield OpenPage(answer)


def _read(fields: dict[str, str]) -> Told:
    return Told(fields.get("event", ""), fields.get("id", ""), json.loads(fields["data"]), time.monotonic())
