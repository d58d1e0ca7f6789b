"""Whether the viewer may ask this at all."""

from __future__ import annotations

import msgspec

from coursepulse.access.decide import (
    Action,
    Allowed,
    Decision,
    DenialReason,
    Denied,
    StudentSubject,
    Subject,
    decide,
)
from coursepulse.access.viewer import Viewer
from coursepulse.kit.errors import RequestError
from coursepulse.kit.ids import NIL
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import Metric, is_shared
from coursepulse.metrics.steps.record import describe


def authorize(sources: Sources, asked: Asked) -> Asked:
    """Refuses and records what is not allowed, and says whether the rows may be carried away.

    :raises RequestError: ``forbidden``, ``unknown_course``
    """
    metric, query, viewer = asked.metric, asked.query, asked.viewer
    subject = sources.rights.subject(metric, query, viewer)
    decision = _judge(metric, viewer, asked.action, subject)
    if isinstance(decision, Denied):
        now = msgspec.structs.replace(query, now=sources.clock())
        sources.trail.write(describe(metric, now, viewer, "refused", decision.reason))
        # One answer for "not yours" and "does not exist": the difference would tell who is there.
        raise RequestError("forbidden", "You may not see this.", 403)
    sources.rights.require_course(query.course, viewer, asked.action)
    return asked._replace(exports=isinstance(_judge(metric, viewer, Action.EXPORT, subject), Allowed))


def _judge(metric: Metric, viewer: Viewer, action: Action, subject: Subject) -> Decision:
    """The decision on what a question is about; of a list of people also on what it is made of.

    Otherwise a file without a single permitted row would read as if there were nobody.
    """
    decision = decide(viewer, action, subject)
    if isinstance(decision, Allowed) and not is_shared(metric, viewer):
        return Denied(DenialReason.NOT_SHARED)
    row = decide(viewer, action, StudentSubject(NIL)) if metric.named else decision
    return row if isinstance(decision, Allowed) and row == Denied(DenialReason.NO_RULE) else decision
