"""What break-glass may use of the server: who opened what and why, and no record."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from coursepulse.access.accounts import Account
from coursepulse.access.grants import AccessGrant
from coursepulse.access.viewer import Viewer
from coursepulse.kit.clock import Clock, Micros
from coursepulse.web.http.ports import Identifies, Writes


class FoundGrants(Protocol):
    """Finds access grants. Every method raises StoreUnavailable when it cannot answer."""

    def find(self, account: str | None, limit: int = 1000) -> list[AccessGrant]:
        """What one account opened, or everybody: unacknowledged first, then newest."""


class GrantStore(FoundGrants, Protocol):
    """Keeps access grants."""

    def number(self) -> int:
        """The number of an access grant that is about to be: the trail names it first."""

    def open(self, number: int, viewer: Viewer, student: bytes, reason: str, now: Micros) -> AccessGrant:
        """Open a record for the viewer's account."""

    def find_opener(self, number: int) -> str | None:
        """The account that opened a record; None when there is no access grant of this number."""

    def acknowledge(self, number: int, by: str, now: Micros) -> AccessGrant | None:
        """Note that an administrator has looked at it; None when there is none of this number."""


class SeesGrants(Protocol):
    """Can find the access grants of a viewer."""

    @property
    def clock(self) -> Clock:
        """What is open now."""

    @property
    def break_glass(self) -> FoundGrants:
        """The access grants."""


class StudentNames(Protocol):
    """Knows what students are called."""

    def names(self, students: Iterable[bytes]) -> dict[bytes, str]:
        """Names by pseudonym, of those who have one."""


class AccountList(Protocol):
    """Lists accounts."""

    def everyone(self) -> list[Account]:
        """Every account, by login name."""


class HasAccountList(Protocol):
    """Has accounts."""

    @property
    def accounts(self) -> AccountList:
        """The accounts."""


class BreakGlassServices(Writes, Protocol):
    """Opens records for a typed reason, and shows who did."""

    @property
    def metrics(self) -> Identifies:
        """Turns the platform's own id into the pseudonym."""

    @property
    def break_glass(self) -> GrantStore:
        """The access grants."""

    @property
    def campus(self) -> StudentNames:
        """Names, for those who have opened the record."""

    @property
    def identity(self) -> HasAccountList | None:
        """The accounts; None where nobody can sign in."""
