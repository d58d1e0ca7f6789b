"""Which of the rows read count for this viewer, before anything is computed of them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import polars as pl

from coursepulse.access.decide import Action
from coursepulse.access.viewer import Role
from coursepulse.aggregates.row import QueryFrames, QueryRows, Row, only
from coursepulse.metrics.asked import Asked, Sources
from coursepulse.metrics.query import Query
from coursepulse.privacy.small_groups import SmallGroups

#: What a learner is compared with, a row per course. In a class of two that is the other one.
_CLASS = "cohort_rows"

#: The student and those who may be compared with, a row per course and person.
_LEARNERS = "learner_rows"


def restrict(sources: Sources, asked: Asked) -> Asked:
    """Leaves out classes that are too small, and finds the students of a list or team that the viewer may see."""
    if asked.frames is not None:
        return _restrict_list(sources, asked, asked.frames)
    if asked.metric.among:
        return asked._replace(found=tuple(_keep_peers(asked, each) for each in asked.found))
    if asked.metric.compares_with_class and asked.bound:
        return asked._replace(found=tuple(_keep_large(sources.groups, each) for each in asked.found))
    if asked.metric.members and asked.groups:
        return _tell_apart(sources, asked, asked.metric.members)
    return asked


def _keep_peers(asked: Asked, found: QueryRows) -> QueryRows:
    """One who may be compared with in one course may not be in another."""
    kept = {*asked.peers, *((row["course_id"], asked.answered.student) for row in found[_LEARNERS])}
    rows = [row for row in found[_LEARNERS] if (row["course_id"], row["student_id"].bytes) in kept]
    return {**found, _LEARNERS: rows}


def _restrict_list(sources: Sources, asked: Asked, frames: QueryFrames) -> Asked:
    students = frames[asked.metric.queries[0]]["student_id"].unique()
    seen = sources.rights.visible(
        asked.metric, asked.answered, asked.viewer, students.to_list(), asked.action
    )
    allowed = students.filter(pl.Series(seen, dtype=pl.Boolean)).to_frame()
    if asked.viewer.role is Role.INSTRUCTOR:
        # A rank compares. If those who have left were counted, the ranks of the others would tell about them.
        frames = {
            name: only(frame, allowed) if "student_id" in frame.columns else frame
            for name, frame in frames.items()
        }
    return asked._replace(frames=frames, allowed=allowed)


def _keep_large(groups: SmallGroups, found: QueryRows) -> QueryRows:
    return {**found, _CLASS: groups.keep_large(found[_CLASS], "learners")}


def _tell_apart(sources: Sources, asked: Asked, members: str) -> Asked:
    """Members that the viewer sees one by one are added up apart from the others."""
    split = [
        _split(each[members], _visible(sources, asked, query, each[members]))
        for query, each in zip(asked.periods, asked.found, strict=True)
    ]
    return asked._replace(
        found=tuple({**each, members: others} for each, (others, _) in zip(asked.found, split, strict=True)),
        seen=tuple({**each, members: seen} for each, (_, seen) in zip(asked.found, split, strict=True)),
    )


def _visible(sources: Sources, asked: Asked, query: Query, rows: Sequence[Row]) -> Sequence[bool]:
    students = [row["student_id"].bytes for row in rows]
    # As on the screen, even for a file: what may be looked at can be taken away.
    return sources.rights.visible(asked.metric, query, asked.viewer, students, Action.READ)


def _split(rows: Sequence[Row], visible: Sequence[bool]) -> tuple[list[Row], list[Row]]:
    others = [row for row, seen in zip(rows, visible, strict=True) if not seen]
    return others, list(compress(rows, visible))
