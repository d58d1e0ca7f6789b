"""What accounts and keys may use of the server: who may sign in, and no record of any student."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from coursepulse.access.account_pause import Allowance
from coursepulse.access.accounts import Account, Provided, Session, StoredAccount
from coursepulse.access.basis import AccessKind
from coursepulse.access.viewer import Role, Viewer
from coursepulse.collect.collector import Collector
from coursepulse.collect.keys import KeyFacts
from coursepulse.kit.clock import Micros
from coursepulse.kit.settings import Settings
from coursepulse.web.http.ports import HasIdentity, HealthReport, Ties, Writes


class Accounts(Protocol):
    """Keeps accounts and counts failures. Every method raises StoreUnavailable when it cannot answer."""

    def add(
        self,
        account: Account,
        now: Micros,
        password_hash: str | None = None,
        provided: Provided | None = None,
    ) -> Account | None:
        """Add an account; None when its login name, or the provider's person, has one."""

    def find(self, login_name: str) -> StoredAccount | None:
        """The account of a login name."""

    def any(self) -> bool:
        """Whether there is any account."""

    def everyone(self) -> list[Account]:
        """Every account, by login name."""

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The login names of those of these accounts that still exist."""

    def change(
        self,
        login_name: str,
        *,
        role: Role | None = None,
        student_id: bytes | None = None,
        organisation_id: str | None = None,
        disabled: bool | None = None,
        password_hash: str | None = None,
    ) -> Account | None:
        """Change what is not None; None when there is no such account."""

    def provided(self, provided: Provided) -> Account | None:
        """The account of somebody a provider sends, as it was left; None for a new face."""

    def meet(
        self, provided: Provided, told: Account, *, tells_person: bool, tells_organisation: bool
    ) -> Account | None:
        """The same account with what the provider says today; None for a new face."""

    def note_sign_in(self, account_id: str, now: Micros) -> None:
        """Remember when somebody last signed in."""

    def choose_language(self, account_id: str, language: str) -> None:
        """Keep the language that somebody has chosen."""

    def begin_attempt(self, whom: bytes, allowance: Allowance, now: Micros) -> Micros:
        """The pause to wait first; when there is none, the attempt counts as failed until it is forgiven."""

    def forgive(self, whom: bytes) -> None:
        """Forget the failures of somebody who has just succeeded."""

    def take_back(self, whom: bytes) -> None:
        """Forget the one attempt that succeeded, not the failures before it."""

    def purge(self, now: Micros) -> None:
        """Forget failures that no pause depends on."""


class Sessions(Protocol):
    """Keeps sessions. Every method raises StoreUnavailable when it cannot answer."""

    def begin(self, account_id: str) -> str:
        """A new session of an account; returns its token."""

    def begin_embedded(self, student_id: bytes, lasting: Micros) -> str:
        """A new session of a page that shows one student; returns its token."""

    def find(self, token: str) -> Session | None:
        """The session of a token, while it lives."""

    def alive(self, tokens: Collection[str]) -> set[str]:
        """Those of some tokens whose session lives. Asking does not prolong it."""

    def end(self, token: str) -> None:
        """End one session."""

    def end_all(self, account_id: str) -> None:
        """End every session of an account."""

    def purge(self) -> None:
        """Drop what has expired."""


class Keys(Protocol):
    """Keeps API keys. Every method raises StoreUnavailable when it cannot answer."""

    def add(self, name: str, scopes: Sequence[str], created_by: str) -> tuple[str, KeyFacts] | None:
        """Make a key; returns its secret, which is shown once. None when the name is in use."""

    def revoke(self, name: str) -> KeyFacts | None:
        """Take a key out of use; None when no key of this name is in use."""

    def everything(self) -> list[KeyFacts]:
        """Every key, those in use first."""


class GrantFlags(Protocol):
    """Notes what opens records for longer, for administrators to look into."""

    def number(self) -> int:
        """The number of a note that is about to be made: the trail names it first."""

    def flag(
        self,
        kind: AccessKind,
        about: str,
        viewer: Viewer,
        student: bytes | None,
        reason: str,
        now: Micros,
        number: int | None = None,
    ) -> None:
        """Note an account that was tied to a student, or a new key that reads."""


class RosterFacts(Protocol):
    """Says what exists on the roster, and nothing about people."""

    def known_organisations(self, ids: Iterable[str]) -> set[str]:
        """Which of some organisations exist."""

    def any_course(self) -> bool:
        """Whether the roster has any course."""


class IdentityServices(Writes, HasIdentity, Protocol):
    """Lets people sign in, and administrators manage accounts and keys."""

    @property
    def settings(self) -> Settings:
        """The settings."""

    @property
    def collector(self) -> Collector:
        """Knows the names that no new key can have."""

    @property
    def campus(self) -> RosterFacts:
        """What exists on the roster."""

    @property
    def relations(self) -> Ties:
        """What ties people to each other."""

    @property
    def break_glass(self) -> GrantFlags:
        """Where tied accounts and new keys are noted."""

    @property
    def health(self) -> HealthReport:
        """The state of the stores and the pipeline."""
