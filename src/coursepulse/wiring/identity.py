"""Accounts, sessions and keys, put together from the settings."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from coursepulse.kit.clock import HOUR, MINUTE, Clock
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.accounts import AccountStore
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.issued_keys import IssuedKeys
from coursepulse.store.postgres.sessions import SessionStore
from coursepulse.web.identity.components import Identity, derive
from coursepulse.web.identity.demo_accounts import make_demo_accounts
from coursepulse.web.identity.embed_tokens import EmbedTokens, parse_origins
from coursepulse.web.identity.provider_settings import check_public_url, open_provider
from coursepulse.web.identity.set_up import SetUp


def open_identity(
    settings: Settings,
    pool: Pool,
    issued: IssuedKeys,
    person: Callable[[str], bytes],
    secret: bytes,
    clock: Clock,
) -> Identity:
    """Everything that signing in needs.

    :raises SettingError: naming the setting that does not fit
    """
    parse_origins(settings.embed_origins)
    check_public_url(settings.public_url)
    idle, longest = settings.session_idle_minutes * MINUTE, settings.session_hours * HOUR
    own, accounts = derive(secret, "identity"), AccountStore(pool)
    identity = Identity(
        accounts=accounts,
        sessions=SessionStore(pool, clock, idle=idle, longest=longest),
        keys=issued.store,
        person=person,
        secret=own,
        embed=EmbedTokens(derive(own, "embed tokens")),
        set_up=SetUp(accounts),
        provider=open_provider(settings),
        tell_keys=issued.tell,
    )
    if settings.demo:
        identity.demo_password = settings.demo_password or secrets.token_urlsafe(9)
        make_demo_accounts(identity, clock)
    return identity
