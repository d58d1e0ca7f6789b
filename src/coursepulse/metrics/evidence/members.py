"""Why a number of a team is what it is: the members it counts, or what each of them adds to it.

Everything is made of the rows of the metric itself, member by member. Those whom a viewer may not see are not among
them: see :func:`~coursepulse.metrics.evidence.answer.explain`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from coursepulse.aggregates.row import Row
from coursepulse.definitions.attention import TalkReason
from coursepulse.definitions.skills import SkillState
from coursepulse.definitions.trainings import CertificateState, TrainingState
from coursepulse.kit.clock import SECOND
from coursepulse.metrics.evidence import columns as e
from coursepulse.metrics.evidence.proof import Facts, ItemRule, Proof
from coursepulse.metrics.finish import attention, certificates, skills, team_weeks, teams, trainings
from coursepulse.metrics.metric import Column, Unit

#: The rows of members that a number is made of.
Members = Callable[[Facts], list[Row]]

_WHO = (e.NAME, e.STUDENT_ID)


def _counted(rows: Members, keep: str, *more: Column) -> Proof:
    """Members, each of whom counts once if a column says so."""
    return Proof(
        ItemRule.COUNT,
        "members",
        (*_WHO, *more),
        lambda facts: [row for row in rows(facts) if row[keep]],
        people=True,
    )


def _added(rows: Members, column: Column) -> Proof:
    """Whole numbers, one a member."""
    return _counted(rows, column.name, column)._replace(rule=ItemRule.SUM, amount=column.name)


def _timed(rows: Members) -> Proof:
    return Proof(
        ItemRule.SUM,
        "members",
        (*_WHO, e.TIME, e.MICROS),
        lambda facts: [row | {"time": row["micros"] / SECOND} for row in rows(facts) if row["micros"]],
        amount="micros",
        scale=SECOND,
        people=True,
    )


def _mean(rows: Members, column: Column, count: str) -> Proof:
    """Of those with a value; the row says in ``count`` how many that are."""
    return Proof(
        ItemRule.MEAN,
        "members",
        (*_WHO, column),
        lambda facts: [row for row in rows(facts) if row[column.name] is not None],
        amount=column.name,
        of=count,
        people=True,
    )


def _share(rows: Members, part: Column, whole: Column) -> Proof:
    """Members of whom a column holds, of all in the row."""
    return Proof(
        ItemRule.SHARE,
        "members",
        (*_WHO, part, whole),
        lambda facts: [row | {whole.name: 1} for row in rows(facts)],
        amount=part.name,
        of=whole.name,
        people=True,
    )


# ---- The team as a whole -----------------------------------------------------------------------------------


def _of_team(facts: Facts) -> list[Row]:
    sharing = {row["student_id"] for row in facts.found[teams.SHARING] if row["shares"]}
    return [_member(row, shares=row["student_id"] in sharing) for row in facts.found[teams.ROWS]]


def _member(row: Row, *, shares: bool) -> Row:
    linked = bool(row["linked"])
    return row | {
        "is_member": 1,
        "no_consent": linked and not (row["agrees"] and shares),
        "unlinked": not linked,
    }


_LESSONS = Column("lessons_completed", Unit.COUNT, "Lessons done", "lessons completed for the first time")
_COURSES = Column("courses_completed", Unit.COUNT, "Courses completed", "courses declared complete")
_COMPLETION = Column(
    "completion_pct", Unit.PERCENT, "Completion", "mean completion of the courses that the member is in"
)
_SCORE = e.SCORE._replace(description="mean average score of the courses that the member is in")

SUMMARY = {
    "members": _counted(_of_team, "is_member"),
    "not_agreed": _counted(_of_team, "no_consent"),
    "not_linked": _counted(_of_team, "unlinked"),
    "active_members": _counted(_of_team, "active"),
    "time_spent": _timed(_of_team),
    "lessons_completed": _added(_of_team, _LESSONS),
    "courses_completed": _added(_of_team, _COURSES),
    "completion_pct": _mean(_of_team, _COMPLETION, "with_completion"),
    "score_pct": _mean(_of_team, _SCORE, "with_score"),
    "with_completion": _counted(_of_team, "completion_pct", _COMPLETION)._replace(
        make=lambda facts: [row for row in _of_team(facts) if row["completion_pct"] is not None]
    ),
    "with_score": _counted(_of_team, "score_pct", _SCORE)._replace(
        make=lambda facts: [row for row in _of_team(facts) if row["score_pct"] is not None]
    ),
}


# ---- A week ------------------------------------------------------------------------------------------------


def _of_week(facts: Facts) -> list[Row]:
    members = {row["student_id"] for row in facts.found[team_weeks.LEARNERS]}
    return [
        row | {"lessons_completed": row["lessons"]}
        for row in facts.found[team_weeks.WEEKS]
        if row["student_id"] in members and row["week"] == facts.row["week"]
    ]


WEEKS = {
    "active_members": _counted(_of_week, "active"),
    "time_spent": _timed(_of_week),
    "lessons_completed": _added(_of_week, _LESSONS),
}


# ---- Training, certificates and skills ---------------------------------------------------------------------


def _of_course(facts: Facts) -> list[Row]:
    rows = (
        each for each in trainings.judge(facts.found, facts.query) if each.course_id == facts.row["course_id"]
    )
    return [
        {
            "student_id": each.student_id,
            "due_on": each.due_on,
            "done_on": each.done_on,
            "assigned": 1,
            "done": each.is_done,
            "overdue": each.state is TrainingState.OVERDUE,
            "due_soon": each.state is TrainingState.DUE_SOON,
            "not_begun": not each.begun,
        }
        for each in rows
    ]


_DUE_ON = Column("due_on", Unit.DATE, "Due", "the last day on which it is done in time")
_DONE_ON = Column("done_on", Unit.DATE, "Completed on", "when it was completed")
_DONE = Column("done", Unit.FLAG, "Completed", "whether it is done")
_ASSIGNED = Column("assigned", Unit.COUNT, "Assigned", "1, for each member who has to take it", hidden=True)

TRAINING = {
    "assigned": _counted(_of_course, "assigned", _DUE_ON, _DONE_ON),
    "done": _counted(_of_course, "done", _DUE_ON, _DONE_ON),
    **{name: _counted(_of_course, name, _DUE_ON) for name in ("overdue", "due_soon", "not_begun")},
    "done_pct": _share(_of_course, _DONE, _ASSIGNED),
}


def _of_kind(state: str, facts: Facts) -> list[Row]:
    """The certificates of one kind, in one state or in any."""
    kind = facts.row["certificate_id"]
    return [
        row | {"held": 1}
        for row in certificates.list_held(facts.found, facts.query)
        if row["certificate_id"] == kind and state in ("", row["state"])
    ]


_EXPIRES_ON = Column("expires_on", Unit.DATE, "Expires on", "the last day on which it is valid")

CERTIFICATES = {
    "holders": _counted(partial(_of_kind, ""), "held", _EXPIRES_ON),
    **{
        state.value: _counted(partial(_of_kind, state.value), "held", _EXPIRES_ON)
        for state in CertificateState
    },
}


def _to_talk_to(reason: str, facts: Facts) -> list[Row]:
    """Members with something to learn, all of them or those who give a reason."""
    members: Iterator[Row] = iter(attention.list_judged(facts.found, facts.query))
    return [row for row in members if not reason or reason in row["reasons"]]


_LAST = Column("last_on", Unit.DATE, "Last active", "UTC day of the last learning event")
_ENDS = Column("next_end_on", Unit.DATE, "Next end", "the next day on which one of the courses ends")
_RECENT = Column("time", Unit.SECONDS, "Last 30 days", "time on task in the last 30 days")

ATTENTION = {
    "learning": _counted(partial(_to_talk_to, ""), "open_courses", _LAST),
    **{
        reason.value: _counted(partial(_to_talk_to, reason.value), "student_id", _RECENT, _LAST, _ENDS)
        for reason in TalkReason
    },
}


def _in_role(state: str, facts: Facts) -> list[Row]:
    """What members have reached of a need, all of them or those in one state."""
    keys = ("profile_id", "skill", "course_id")
    return [
        row | {"people": 1, "met": row["state"] == SkillState.MET.value}
        for row in skills.list_reached(facts.found)
        if state in ("", row["state"]) and all(row[each] == facts.row[each] for each in keys)
    ]


_REACHED = Column("reached", Unit.PERCENT, "Reached", "what the member has reached, null without a result")
_MET = Column("met", Unit.FLAG, "Reached", "whether the level is reached")
_PEOPLE = Column("people", Unit.COUNT, "People", "1, for each member in the role", hidden=True)

SKILLS = {
    "people": _counted(partial(_in_role, ""), "people", _REACHED),
    **{state.value: _counted(partial(_in_role, state.value), "people", _REACHED) for state in SkillState},
    "met_pct": _share(partial(_in_role, ""), _MET, _PEOPLE),
}
