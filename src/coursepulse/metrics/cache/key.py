"""When two questions are the same: everything that an answer depends on, beside how far the numbers are."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from coursepulse.access.viewer import EVERYONE, Role, Viewer
from coursepulse.kit.clock import utc_date
from coursepulse.metrics.asked import Asked
from coursepulse.metrics.catalog import DEFINITION_VERSION


def is_about_many(asked: Asked) -> bool:
    """Whether the answer may be shared. A student's own numbers and those about one student never are."""
    about_one = asked.metric.about_one or asked.query.student is not None
    return asked.metric.cached and not about_one and asked.viewer.role is not Role.STUDENT


def question_key(asked: Asked, state: object) -> bytes:
    """The key of a question: 32 bytes.

    :param asked: with its period, see :mod:`coursepulse.metrics.steps.settle`
    :param state: versions of what the rights and the names hang on; with another one nothing is the same
    """
    today = utc_date(asked.query.now)
    asks = msgspec.structs.astuple(msgspec.structs.replace(asked.query, now=0))
    parts = (DEFINITION_VERSION, today, asks, asked.action.value, _rights(asked.viewer), state)
    return blake2b(msgspec.msgpack.encode(parts), digest_size=32).digest()


def _rights(viewer: Viewer) -> tuple[object, ...]:
    """What decides on the rows that a viewer may see, here and in the policies of the database.

    Not who it is: whose own record somebody may see matters only to students, and theirs is never shared.
    """
    opened = "everyone" if viewer.opened is EVERYONE else sorted(viewer.opened)
    tied = (viewer.course_ids, viewer.team_ids, viewer.scopes)
    return (viewer.role.value, viewer.organisation_id, opened, *map(sorted, tied))
