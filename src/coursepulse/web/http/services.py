"""What request handlers reach, as ``request.app.state.services``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from coursepulse.collect.collector import Collector
from coursepulse.kit.clock import Clock
from coursepulse.kit.settings import Settings
from coursepulse.metrics.run import Metrics

if TYPE_CHECKING:
    from coursepulse.web.identity.components import Identity


def _nothing_known() -> dict[str, Any]:
    return {}


@dataclass(slots=True)
class Services:
    """Everything the application was wired with.

    :param metrics: answers queries for a viewer
    :param campus: the store of people, courses and consents
    :param health: facts about the stores and the pipeline as JSON values; may take its time
    :param live: what the live numbers follow
    :param identity: accounts, sessions and keys; None where nobody can sign in
    :param relations: what ties people to each other now, a
        :class:`~coursepulse.store.postgres.relations.Relations`
    :param break_glass: the store of opened records
    :param trail: the audit trail: a :class:`~coursepulse.audit.port.Trail` and its reader
    :param compliance: counts what a compliance report says, a
        :class:`~coursepulse.store.postgres.compliance.ComplianceRows`
    :param privacy: takes requests of students about their data; None where this process only collects
    :param withdrawals: takes events back, a :class:`~coursepulse.compliance.withdrawals.Withdrawals`; None where this
        process only collects
    """

    settings: Settings
    clock: Clock
    collector: Collector
    metrics: Metrics
    campus: Any = None
    health: Callable[[], dict[str, Any]] = field(default=_nothing_known)
    live: Any = None
    identity: Identity | None = None
    relations: Any = None
    break_glass: Any = None
    trail: Any = None
    compliance: Any = None
    privacy: Any = None
    withdrawals: Any = None
