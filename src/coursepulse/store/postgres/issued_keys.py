"""The API keys in the database, and the feed that keeps the collector's key ring up to date."""

from __future__ import annotations

from typing import NamedTuple

import structlog

from coursepulse.collect.keys import KeyFile, KeyRing
from coursepulse.kit.clock import Clock
from coursepulse.kit.errors import CoursepulseError
from coursepulse.kit.settings import Settings
from coursepulse.store.postgres.connect import Pool
from coursepulse.store.postgres.keys import KeyFeed, KeyStore

_log = structlog.get_logger(__name__)


class IssuedKeys(NamedTuple):
    """Keeps the collector's key ring up to date."""

    store: KeyStore
    feed: KeyFeed
    ring: KeyRing

    def note_use(self) -> None:
        """Record which keys were used since the last call."""
        self.store.note_use(self.ring.take_used())

    def tell(self) -> None:
        """Tell the collector about a change at once, if possible."""
        try:
            self.feed.poll()
        except (CoursepulseError, OSError) as error:
            # The key is created or revoked anyway; the collector learns of it at its next poll.
            _log.warning("keys_not_told", error=str(error))


def open_issued_keys(settings: Settings, pool: Pool, ring: KeyRing, clock: Clock) -> IssuedKeys:
    """The ring starts with the keys of the last run, and reads those of the database as soon as it answers."""
    file = KeyFile(settings.data / "log" / "keys-issued.json", ring)
    keys = IssuedKeys(KeyStore(pool, clock), KeyFeed(pool, file.record), ring)
    keys.feed.poll()
    return keys
