"""What the audit trail says about a question: who asked for what, about which student or course, and the outcome."""

from __future__ import annotations

import msgspec

from coursepulse.access.basis import tell_purpose
from coursepulse.access.viewer import Viewer
from coursepulse.audit.entry import AuditEntry
from coursepulse.kit.ids import to_text
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import EVIDENCE, Metric, Param, Scope
from coursepulse.metrics.query import Query

#: Parts of a course are recorded as reads of the course; which part stands in the detail.
_KINDS = {Scope.VIDEO: "course"}


def record(sources: Sources, asked: Asked) -> Asked:
    """Begins to write what is asked, while the databases answer; nothing leaves before it is safe."""
    if not asked.metric.personal:
        return asked
    # When it is asked, whatever day it is asked about.
    query = msgspec.structs.replace(asked.query, now=sources.clock()) if asked.query.as_of else asked.query
    entry = describe(asked.metric, query, asked.viewer, asked.action.value)
    return asked._replace(recorded=sources.trail.submit(entry))


def describe(metric: Metric, query: Query, viewer: Viewer, action: str, reason: str = "") -> AuditEntry:
    """The entry about ``query``, asked at ``query.now``.

    :param action: ``read``, ``export`` or ``refused``
    :param reason: why it was refused; for the trail alone
    """
    kind, subject = _subject(metric, query)
    return AuditEntry(
        at=query.now,
        actor=viewer.subject,
        role=viewer.role.value,
        tag=f"metrics:{kind}:{action}",
        subject=subject,
        purpose=viewer.purpose if reason else tell_purpose(viewer, query.student),
        request_id=viewer.request_id,
        address=viewer.address,
        detail=" ".join(_details(metric, query, reason)),
    )


def _subject(metric: Metric, query: Query) -> tuple[str, str]:
    if metric.scope is Scope.STUDENT:
        return "student", to_text(query.student) if query.student else ""
    if metric.scope is Scope.PLATFORM and query.course and Param.COURSE in metric.takes:
        return "course", query.course
    if metric.scope is Scope.TEAM:
        return "team", query.team
    kind = _KINDS.get(metric.scope, metric.scope.value)
    return kind, query.course if kind == "course" else ""


def _narrowed(query: Query) -> tuple[tuple[str, str], ...]:
    return ("bucket", query.bucket), ("engagement", query.engagement), ("status", query.status)


def _details(metric: Metric, query: Query, reason: str) -> list[str]:
    """The metric and what narrows it, as ``name=value``; days as ``first..after the last``."""
    details = [f"{EVIDENCE}{metric.slug}.{query.evidence}" if query.evidence else metric.slug]
    if metric.scope is Scope.STUDENT and query.course:
        details.append(f"course={query.course}")
    if query.video:
        details.append(f"video={query.video}")
    # Not what was searched for: that is a name.
    details += [f"{name}={value}" for name, value in _narrowed(query) if value]
    if query.start or query.end:
        details.append(f"days={query.start or ''}..{query.end or ''}")
    if query.as_of:
        details.append(f"as_of={query.as_of}")
    return [*details, f"reason={reason}"] if reason else details
