"""What open pages may use of the server: that something has changed, and who may be told of what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from coursepulse.alerts.alert import Alert
from coursepulse.web.http.ports import HasIdentity, Writes

if TYPE_CHECKING:
    from coursepulse.web.live.updates import LiveUpdates


#: The open alerts about the platform, from memory: they reach open pages while stores are down.
PlatformTroubles: TypeAlias = Callable[[], Sequence[Alert]]


def nothing_is_wrong() -> Sequence[Alert]:
    """Where nobody watches the platform."""
    return ()


class Memberships(Protocol):
    """Knows who is in which team. Every method raises StoreUnavailable when it cannot answer."""

    def membership(self, student: bytes, organisation: str) -> HasMembership:
        """What makes a student visible to managers of an organisation."""

    def organisation(self, team: str) -> str:
        """The organisation of a team; empty for an unknown team."""

    def members(self, team: str) -> Mapping[bytes, bool]:
        """The members of a team, and whether each lets an employer see them."""


class HasMembership(Protocol):
    """A student as an employer's manager may see them."""

    @property
    def team_ids(self) -> frozenset[str]:
        """Teams of the organisation."""

    @property
    def shares(self) -> bool:
        """They agreed to be named."""


class LiveServices(Writes, HasIdentity, Protocol):
    """Tells open pages what has changed."""

    @property
    def live(self) -> LiveUpdates:
        """What has changed, and who listens."""

    @property
    def platform_alerts(self) -> PlatformTroubles:
        """What is wrong with the platform now."""

    @property
    def relations(self) -> Memberships:
        """Who is in which team."""
