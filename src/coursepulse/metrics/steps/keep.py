"""What a student is advised to do is kept, to see afterwards whether they did it and whether that helped."""

from __future__ import annotations

from coursepulse.access.viewer import Role
from coursepulse.aggregates.row import to_rows
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.metric import ITEM
from coursepulse.privacy.consent import Purpose
from coursepulse.store.postgres.shown_steps import NextStep


def keep(sources: Sources, asked: Asked) -> Asked:
    """Keeps the suggestions that students are shown about themselves, as of now; nothing else is kept of an answer.

    :raises StoreUnavailable: when PostgreSQL does not answer
    """
    student = asked.viewer.student_id
    suggests = asked.metric.consent is Purpose.PERSONALISATION and asked.query.as_of is None
    if sources.steps and suggests and asked.viewer.role is Role.STUDENT and student is not None:
        steps = [
            NextStep(row["course_id"], row["advice"], row["kind"], row[ITEM])
            for row in to_rows(asked.rows[0])
        ]
        sources.steps.note(student, steps, asked.answered.now)
    return asked
