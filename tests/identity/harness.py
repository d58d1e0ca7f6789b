"""A server with everything that signing in needs on a real PostgreSQL, a trail to read, and a clock to set."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
from argon2 import PasswordHasher

from coursepulse.access.accounts import Account
from coursepulse.access.viewer import Role, Viewer
from coursepulse.alerts.delivery.addresses import parse_networks
from coursepulse.alerts.delivery.choices import MailChoice, Pace
from coursepulse.alerts.delivery.outbox import MailOutbox
from coursepulse.alerts.delivery.unsubscribing import UnsubscribeTokens
from coursepulse.alerts.delivery.webhook_store import WebhookStore
from coursepulse.audit.entry import AuditEntry
from coursepulse.client.local_server import local_key
from coursepulse.collect.collector import Collector
from coursepulse.collect.consents import ConsentFile
from coursepulse.collect.dead_letters import SqliteDeadLetterQueue
from coursepulse.collect.keeping import Keeping
from coursepulse.collect.keys import open_keys
from coursepulse.collect.worker import LocalWorker
from coursepulse.jobs.scheduler import Job, Scheduler
from coursepulse.kit.clock import Clock, Micros, system_clock
from coursepulse.kit.settings import Settings
from coursepulse.log import open_log
from coursepulse.privacy.pseudonyms import Pseudonyms
from coursepulse.store.postgres.break_glass import BreakGlass
from coursepulse.store.postgres.campus import CampusStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.issued_keys import open_issued_keys
from coursepulse.store.postgres.relations import Relations
from coursepulse.web.http.app import build
from coursepulse.web.http.error_pages import error_page
from coursepulse.web.http.services import Services
from coursepulse.web.identity.passwords import Passwords
from coursepulse.web.identity.service import NewAccount, add_account
from coursepulse.web.notifications.ports import Notifications
from coursepulse.web.routes import ROUTES
from coursepulse.wiring.identity import open_identity
from tests.collect.harness import running
from tests.support.browsing import sign_in, try_sign_in, visit
from tests.support.services import wire

PASSWORD = "a good long password"
SECRET = b"a secret of the tests"

#: Hashes that take a millisecond: most tests ask who gets in, not how long that takes.
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Notes:
    """A trail that can be read."""

    def __init__(self) -> None:
        self.entries: list[AuditEntry] = []

    def write(self, entry: AuditEntry) -> None:
        """Keep it."""
        self.entries.append(entry)

    def submit(self, entry: AuditEntry) -> Future[None]:
        """Keep it, and say so at once."""
        self.write(entry)
        kept: Future[None] = Future()
        kept.set_result(None)
        return kept

    def tags(self) -> list[str]:
        """What happened, in order."""
        return [entry.tag for entry in self.entries]


class NoNumbers:
    """A server without numbers: whatever anybody writes, no answer of before is kept."""

    def wrote(self, subject: str) -> None:
        """Nothing to forget."""


class IdentityHarness:
    """The server; ``skip`` lets time pass."""

    def __init__(self, services: Services, trail: Notes, local: str, pool: Pool) -> None:
        self.services, self.trail, self.local = services, trail, local
        self.url, self._pool = "", pool
        self.skipped: Micros = 0

    @property
    def identity(self) -> Any:
        """Accounts, sessions and keys."""
        return self.services.identity

    def add(self, name: str, role: str = "student", person: str = "") -> Account:
        """An account with the password of these tests."""
        tester = Viewer(role=Role.ADMIN, subject="tester")
        new = NewAccount(name, role, person, password=PASSWORD, reason="The student asked for it.")
        return add_account(self.services, tester, new).account

    @contextmanager
    def signed_in(self, name: str) -> Iterator[httpx.Client]:
        """A browser in which ``name`` is signed in."""
        with closing(sign_in(self.url, name, PASSWORD)) as http:
            yield http

    def reset(self) -> None:
        """As on the first day."""
        with self._pool.connection() as connection:
            connection.execute("TRUNCATE accounts, sessions, sign_in_failures, api_keys, break_glass CASCADE")
        self.identity.tell_keys()
        self.trail.entries.clear()
        self.skipped = 0

    def answer(self, name: str, password: str) -> httpx.Response:
        """The answer to somebody who tries to sign in."""
        with visit(self.url) as http:
            return try_sign_in(http, name, password)

    def api(self, method: str, path: str, body: object = None, key: str = "") -> httpx.Response:
        """The answer of the API to a key, by default the local one."""
        headers = {"Authorization": f"Bearer {key or self.local}"}
        return httpx.request(method, self.url + path, json=body, headers=headers, timeout=30)


def notifications(pool: Pool, settings: Settings) -> Notifications:
    """What leaves the screens, as if there were a mail server."""
    return Notifications(
        MailOutbox(pool),
        WebhookStore(pool),
        UnsubscribeTokens(SECRET),
        MailChoice(pace=Pace.DAILY),
        parse_networks(settings.webhook_networks),
        SECRET,
        lambda: None,
        lambda _: None,
    )


@contextmanager
def identity_harness(
    pool: Pool, folder: Path, base: Clock = system_clock, trail: Notes | None = None, **chosen: Any
) -> Iterator[IdentityHarness]:
    """A server in a thread of this process.

    :param base: what its clock says while no time was skipped
    """
    settings = Settings(data=folder, **chosen)
    log, dead_letters = open_log(settings.log_url), SqliteDeadLetterQueue(folder / "dead_letters.sqlite")
    pseudonyms, trail, ring = Pseudonyms(SECRET), trail or Notes(), open_keys(settings)
    built: IdentityHarness | None = None

    def clock() -> Micros:
        return base() + (built.skipped if built else 0)

    issued = open_issued_keys(settings, pool, ring, clock)
    identity = open_identity(settings, pool, issued, pseudonyms.of, SECRET, clock)
    consents = ConsentFile(folder / "consents.bin").register
    collector = Collector(
        log=log,
        keys=ring,
        worker=LocalWorker(
            log=log,
            pseudonyms=pseudonyms,
            consents=consents,
            dead_letters=dead_letters,
            clock=clock,
            settings=settings,
        ),
        dead_letters=dead_letters,
        keeping=Keeping(pseudonyms, consents, settings),
        clock=clock,
        settings=settings,
    )
    identity.passwords = Passwords(CHEAP)
    services = wire(
        settings=settings,
        clock=clock,
        collector=collector,
        identity=identity,
        relations=Relations(pool, clock),
        trail=trail,
        campus=CampusStore(pool, pseudonyms, None),
        break_glass=BreakGlass(pool),
        notifications=notifications(pool, settings),
        metrics=NoNumbers(),
    )
    built = IdentityHarness(services, trail, local_key(folder), pool)
    scheduler = Scheduler(
        [
            Job("keys", 0.5, issued.feed.poll),
            Job("key use", 60.0, issued.note_use),
            Job("sessions", 600.0, identity.sessions.purge),
            Job("sign-in failures", 3600.0, lambda: identity.accounts.purge(clock())),
        ]
    )
    scheduler.start()
    try:
        with running(build(services, ROUTES, error_page=error_page)) as url:
            built.url = url
            yield built
    finally:
        scheduler.stop()
        dead_letters.close()
        log.close()
        identity.close()
