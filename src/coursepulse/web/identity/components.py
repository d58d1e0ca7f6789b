"""What signing in needs, put together by the wiring."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from coursepulse.web.identity.embed_tokens import EmbedTokens
from coursepulse.web.identity.passwords import Passwords
from coursepulse.web.identity.provider import Provider
from coursepulse.web.identity.set_up import SetUp

if TYPE_CHECKING:
    from coursepulse.web.identity.ports import Accounts, Keys, Sessions


def _nothing() -> None:
    """Where no collector listens, there is nobody to tell."""


@dataclass(slots=True)
class Identity:
    """Accounts, sessions and keys.

    :param secret: what only this installation knows; each use derives its own key from it
    :param set_up: the link for the first administrator
    :param person: the pseudonym of the platform's own id of a person
    :param provider: where people sign in elsewhere, if anywhere
    :param demo_password: of the accounts of the demo; empty everywhere else
    :param tell_keys: lets the collector learn of a change at once instead of at its next look
    """

    accounts: Accounts
    sessions: Sessions
    keys: Keys
    person: Callable[[str], bytes]
    secret: bytes
    embed: EmbedTokens
    set_up: SetUp
    passwords: Passwords = field(default_factory=Passwords)
    provider: Provider | None = None
    demo_password: str = ""
    tell_keys: Callable[[], None] = _nothing

    def close(self) -> None:
        """Ask the provider nothing more."""
        if self.provider:
            self.provider.close()

    def hide(self, text: str) -> bytes:
        """A keyed hash, by which a name or an address can be counted without being kept."""
        return derive(self.secret, f"hidden {text}")


def derive(secret: bytes, use: str) -> bytes:
    """A key for one use: who learns it learns none of the others."""
    return hmac.digest(secret, use.encode("utf-8", "surrogatepass"), "sha256")
