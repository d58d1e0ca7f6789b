"""Accounts, sessions and keys, put together from the settings."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import NamedTuple
from uuid import uuid4

import httpx
import structlog

from coursepulse.access.account_claims import ClaimRules, parse_roles
from coursepulse.access.accounts import ROLES, Account, read_role
from coursepulse.collect.keys import KeyFile, KeyRing
from coursepulse.jobs.scheduler import Job
from coursepulse.kit.clock import HOUR, MINUTE, Clock
from coursepulse.kit.errors import CoursepulseError, RequestError, SettingError
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.accounts import AccountStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.keys import KeyFeed, KeyStore
from coursepulse.store.postgres.sessions import SessionStore
from coursepulse.web.identity.components import Identity, derive
from coursepulse.web.identity.embed_tokens import EmbedTokens, parse_origins
from coursepulse.web.identity.provider import Client, Provider
from coursepulse.web.identity.set_up import SetUp

#: Seconds within which a key that was made or revoked elsewhere reaches this collector.
KEY_PACE = 0.5

#: Seconds between two notes of when keys were last used: the collector must not write at every request.
USE_PACE = 60.0

_log = structlog.get_logger(__name__)


class KeyRoom(NamedTuple):
    """What keeps the ring of the collector up to date."""

    store: KeyStore
    feed: KeyFeed
    ring: KeyRing

    def note_use(self) -> None:
        """Write down which keys were used since the last time."""
        self.store.note_use(self.ring.take_used())


def open_key_room(settings: Settings, pool: Pool, ring: KeyRing, clock: Clock) -> KeyRoom:
    """The ring knows the keys of the last run at once, and those of the database as soon as it answers."""
    file = KeyFile(settings.data / "log" / "keys-issued.json", ring)
    room = KeyRoom(KeyStore(pool, clock), KeyFeed(pool, file.record), ring)
    room.feed.poll()
    return room


def open_identity(
    settings: Settings, pool: Pool, room: KeyRoom, person: Callable[[str], bytes], secret: bytes, clock: Clock
) -> Identity:
    """Everything that signing in needs.

    :raises SettingError: naming the setting that does not fit
    """
    parse_origins(settings.embed_origins)
    check_public_url(settings.public_url)
    own, accounts = derive(secret, "identity"), AccountStore(pool)
    identity = Identity(
        accounts=accounts,
        sessions=SessionStore(
            pool,
            clock,
            idle=settings.session_idle_minutes * MINUTE,
            longest=settings.session_hours * HOUR,
        ),
        keys=room.store,
        person=person,
        secret=own,
        embed=EmbedTokens(derive(own, "embed tokens")),
        set_up=SetUp(accounts),
        provider=open_provider(settings),
        tell_keys=_forgiving(room.feed.poll),
    )
    if settings.demo:
        identity.demo_password = settings.demo_password or secrets.token_urlsafe(9)
        make_demo_accounts(identity, clock)
    return identity


def identity_jobs(identity: Identity, room: KeyRoom, clock: Clock) -> list[Job]:
    """What has to be done now and then."""
    return [
        Job("key use", USE_PACE, room.note_use),
        Job("sessions", 600.0, identity.sessions.purge),
        Job("sign-in failures", 3600.0, lambda: identity.accounts.purge(clock())),
    ]


def open_provider(settings: Settings) -> Provider | None:
    """The identity provider of the settings, if they name one. It is first asked when somebody signs in.

    :raises SettingError: when a part is missing or malformed
    """
    if not settings.oidc_issuer:
        return None
    if not settings.oidc_client_id:
        raise SettingError("COURSEPULSE_OIDC_ISSUER needs COURSEPULSE_OIDC_CLIENT_ID beside it.")
    try:
        fallback = read_role(settings.oidc_default_role) if settings.oidc_default_role else None
    except RequestError as error:
        raise SettingError(f"COURSEPULSE_OIDC_DEFAULT_ROLE: {error}") from None
    rules = ClaimRules(
        settings.oidc_role_claim,
        parse_roles(settings.oidc_roles),
        fallback,
        settings.oidc_organisation_claim,
        settings.oidc_student_claim,
    )
    client = Client(
        settings.oidc_issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scopes,
    )
    return Provider(client, rules, settings.oidc_label, httpx.Client(timeout=5.0))


def check_public_url(url: str) -> None:
    """Refuse an address that no browser could open.

    :raises SettingError: when it has no host, or more than a host
    """
    parts = httpx.URL(url)
    if url and (parts.scheme not in ("http", "https") or not parts.host or parts.path not in ("", "/")):
        raise SettingError(f"COURSEPULSE_PUBLIC_URL {url!r} must look like https://analytics.example.edu.")


def make_demo_accounts(identity: Identity, clock: Clock) -> None:
    """One account of each role, with the password of this demo."""
    password = identity.passwords.make(identity.demo_password)
    for role in ROLES:
        account = Account(account_id=str(uuid4()), login_name=role.value, role=role)
        if identity.accounts.add(account, clock(), password) is None:
            identity.accounts.change(role.value, role=role, disabled=False, password_hash=password)


def _forgiving(poll: Callable[[], None]) -> Callable[[], None]:
    def tell() -> None:
        try:
            poll()
        except (CoursepulseError, OSError) as error:
            # The key is made or revoked all the same; the collector learns of it at its next look.
            _log.warning("keys_not_told", error=str(error))

    return tell
