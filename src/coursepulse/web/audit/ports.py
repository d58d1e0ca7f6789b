"""What the audit trail may use of the server: what it shows is who did what, under a rule of its own."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from coursepulse.access.accounts import StoredAccount
from coursepulse.audit.port import Trail, TrailReader
from coursepulse.web.http.ports import Identifies, Writes


class AuditTrail(Trail, TrailReader, Protocol):
    """Takes entries and reads them."""


class AccountNames(Protocol):
    """Translates between login names and accounts."""

    def find(self, login_name: str) -> StoredAccount | None:
        """The account of a login name."""

    def names(self, ids: Iterable[str]) -> dict[str, str]:
        """The login names of those of these accounts that still exist."""


class HasAccountNames(Protocol):
    """Has accounts."""

    @property
    def accounts(self) -> AccountNames:
        """The accounts."""


class TypedReasons(Protocol):
    """Knows why records were opened."""

    def reasons(self, numbers: Collection[int]) -> dict[int, str]:
        """The typed reasons of some access grants."""


class AuditServices(Writes, Protocol):
    """Searches the trail, and shows students who looked at their record."""

    @property
    def trail(self) -> AuditTrail:
        """The audit trail."""

    @property
    def metrics(self) -> Identifies:
        """Turns the platform's own id into the pseudonym."""

    @property
    def identity(self) -> HasAccountNames | None:
        """The accounts; None where nobody can sign in."""

    @property
    def break_glass(self) -> TypedReasons:
        """The typed reasons."""
