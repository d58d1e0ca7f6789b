"""Sends a campus to a server: first the roster, then the history, then live events."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import msgspec

from coursepulse.kit.clock import Clock, system_clock
from coursepulse.kit.errors import RequestError
from coursepulse.simulator.campus import SimulatedCampus
from coursepulse.simulator.sender import Sender, SenderReceipt
from coursepulse.simulator.wire import OPENING

#: Requests in flight: enough that the collector always has one to process while it makes another durable.
CONNECTIONS = 3

#: Called with the number of events sent so far.
Progress = Callable[[int], None]


class Loaded(NamedTuple):
    """The result. Events of students who did not agree to analytics are ``rejected`` with ``no_consent``.

    :param events: events sent, including duplicates
    """

    people: int
    courses: int
    consents: int
    events: int
    accepted: int
    rejected: Counter[str]


def load(url: str, key: str, campus: SimulatedCampus, progress: Progress = lambda _: None) -> Loaded:
    """Sends roster, consents and history. Idempotent: every event keeps its id.

    :raises RequestError: when the server refuses, or stays away for two minutes
    """
    with Sender(url, key) as sender:
        sender.put("/v1/roster/organisations", campus.organisations())
        people = sender.put("/v1/roster/people", campus.people())
        sender.put("/v1/roster/teams", campus.teams())
        courses = sender.put("/v1/roster/courses", campus.courses())
        sender.put("/v1/roster/trainings", campus.trainings())
        sender.put("/v1/roster/certificates", campus.certificates())
        sender.put("/v1/roster/profiles", campus.profiles())
        sender.put("/v1/roster/seats", campus.seats())
        sender.put("/v1/roster/budgets", campus.budgets())
        consents = sender.put("/v1/consents", campus.consents())
        _put_chosen(sender, "/v1/leaderboard-names", campus.board_names())
        _put_chosen(sender, "/v1/goals", campus.goals())
        time.sleep(1.0)  # the collector learns of a consent within one second
        return _send_history(sender, campus, progress)._replace(
            people=people, courses=courses, consents=consents
        )


def click(
    url: str,
    key: str,
    campus: SimulatedCampus,
    rate: float,
    stop: threading.Event | None = None,
    clock: Clock = system_clock,
) -> int:
    """Sends what students do from now on, as it happens, until ``stop`` is set; returns the events sent.

    :param rate: events per second, about
    :raises RequestError: when the server refuses, or stays away for two minutes
    """
    stop = stop or threading.Event()
    sent = 0
    with Sender(url, key) as sender:
        for tick in campus.live(rate, clock()):
            if stop.wait(max(0.0, tick.at / 1000 - clock() / 1_000_000)):
                break
            sender.post(tick.body)
            sent += tick.body.count(OPENING)
    return sent


def _put_chosen(sender: Sender, path: str, rows: Sequence[msgspec.Struct]) -> None:
    """What students chose for themselves."""
    try:
        sender.put(path, rows)
    except RequestError as error:
        # Since an earlier load somebody has withdrawn a consent, or has lost a name: the others have theirs.
        if error.code != "row_rejected":
            raise


def _send_history(sender: Sender, campus: SimulatedCampus, progress: Progress) -> Loaded:
    totals = _Totals()
    flying: deque[tuple[int, Future[SenderReceipt]]] = deque()
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        for body in campus.history():
            # One more than the connections: compressing the next body must not leave one idle.
            if len(flying) > CONNECTIONS:
                totals.add(*flying.popleft())
                progress(totals.events)
            flying.append((body.count(OPENING), threads.submit(sender.post, body)))
        for waiting in flying:
            totals.add(*waiting)
        progress(totals.events)
    return Loaded(0, 0, 0, totals.events, totals.accepted, totals.rejected)


class _Totals:
    """The sum of receipts."""

    def __init__(self) -> None:
        self.events = self.accepted = 0
        self.rejected: Counter[str] = Counter()

    def add(self, events: int, receipt: Future[SenderReceipt]) -> None:
        answer = receipt.result()
        self.events += events
        self.accepted += answer.accepted
        self.rejected.update(str(verdict.get("reason")) for verdict in answer.rejected)
