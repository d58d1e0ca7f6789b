"""The API keys of the database, and what keeps the collector's ring up to date with them."""

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
    """What keeps the ring of the collector up to date."""

    store: KeyStore
    feed: KeyFeed
    ring: KeyRing

    def note_use(self) -> None:
        """Write down which keys were used since the last time."""
        self.store.note_use(self.ring.take_used())

    def tell(self) -> None:
        """Let the collector learn of a change at once, if it can."""
        try:
            self.feed.poll()
        except (CoursepulseError, OSError) as error:
            # The key is made or revoked all the same; the collector learns of it at its next look.
            _log.warning("keys_not_told", error=str(error))


def open_issued_keys(settings: Settings, pool: Pool, ring: KeyRing, clock: Clock) -> IssuedKeys:
    """The ring knows the keys of the last run at once, and those of the database as soon as it answers."""
    file = KeyFile(settings.data / "log" / "keys-issued.json", ring)
    keys = IssuedKeys(KeyStore(pool, clock), KeyFeed(pool, file.record), ring)
    keys.feed.poll()
    return keys
