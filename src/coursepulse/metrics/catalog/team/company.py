"""Metrics about what an organisation has bought, and the skills that its roles need."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_teams
from coursepulse.metrics.catalog.takes import PAGE
from coursepulse.metrics.evidence import members
from coursepulse.metrics.evidence.proof import Why
from coursepulse.metrics.finish import purchases, skills
from coursepulse.metrics.metric import Column, Metric, Scope, Source, Unit

OF_TEAM = Column(
    "of_team", Unit.FLAG, "Team's own", "for this team alone; otherwise for the whole organisation"
)

ROLE = Column("role", Unit.TEXT, "Role", "what the job role is called")

NEED = Column("need", Unit.TEXT, "Needs", "the skill, or the title of the course")

LEVEL = Column("level", Unit.PERCENT, "Level", "the level that the role needs")

COMPANY_METRICS = (
    Metric(
        "team_seats",
        "Seats",
        "One row per licence of the team or its whole organisation that has not ended.",
        Scope.TEAM,
        (
            Column("pool_id", Unit.ID, "Licence", "the platform's id of the licence", hidden=True),
            Column("licence", Unit.TEXT, "Licence", "its name"),
            OF_TEAM,
            Column("bought", Unit.COUNT, "Bought", "seats that were bought"),
            Column("assigned", Unit.COUNT, "Assigned", "seats that somebody was given"),
            Column("activated", Unit.COUNT, "Activated", "seats that somebody has accepted"),
            Column("used", Unit.COUNT, "Used", "seats that somebody has learned with"),
            Column("free", Unit.COUNT, "Free", "seats that nobody was given"),
            Column("activated_pct", Unit.PERCENT, "Activated %", "activated, of those assigned"),
            Column("ends_on", Unit.DATE, "Ends on", "the last day of the licence; null when open"),
        ),
        "Seats and budgets",
        reads=(purchases.SEATS,),
        roster=(purchases.SEATS,),
        finish=purchases.list_seats,
        source=Source.ROSTER,
        group=of_teams.TEAM_SEATS,
        evidence={"free": Why.FORMULA, "activated_pct": Why.FORMULA, "": Why.TOLD},
    ),
    Metric(
        "team_budgets",
        "Budgets",
        "One row per budget for learning of the team or its whole organisation that has not ended.",
        Scope.TEAM,
        (
            Column("budget_id", Unit.ID, "Budget", "the platform's id of the budget", hidden=True),
            Column("budget", Unit.TEXT, "Budget", "its name"),
            OF_TEAM,
            Column("currency", Unit.TEXT, "Currency", "ISO 4217"),
            Column("amount", Unit.NUMBER, "Amount", "what there was"),
            Column("spent", Unit.NUMBER, "Spent", "what is spent"),
            Column("left", Unit.NUMBER, "Left", "the rest, below zero when too much is spent"),
            Column("spent_pct", Unit.PERCENT, "Spent %", "spent, of the amount"),
            Column(
                "elapsed_pct", Unit.PERCENT, "Time over %", "days of the period that are over, of all of them"
            ),
            Column("ends_on", Unit.DATE, "Ends on", "the last day of the period"),
        ),
        "Seats and budgets",
        reads=(purchases.BUDGETS,),
        roster=(purchases.BUDGETS,),
        finish=purchases.list_budgets,
        source=Source.ROSTER,
        personal=False,
        evidence={"amount": Why.TOLD, "spent": Why.TOLD, "": Why.FORMULA},
    ),
    Metric(
        "team_skills",
        "Skills against target profiles",
        "One row per job role and skill or course that it needs: how many members have reached the level.",
        Scope.TEAM,
        (
            Column("profile_id", Unit.ID, "Profile", "the platform's id of the role", hidden=True),
            Column("skill", Unit.ID, "Skill", "the skill that is needed, empty for a course", hidden=True),
            Column(
                "course_id", Unit.ID, "Course", "the course that is needed, empty for a skill", hidden=True
            ),
            ROLE,
            NEED,
            LEVEL,
            Column("people", Unit.COUNT, "People", "members in the role"),
            Column("met", Unit.COUNT, "Reached", "of these, who have reached the level"),
            Column("below", Unit.COUNT, "Below", "of these, who have a result below it"),
            Column("no_result", Unit.COUNT, "No result", "of these, who have no result yet"),
            Column("met_pct", Unit.PERCENT, "Reached %", "reached, of the people in the role"),
        ),
        "Skills",
        reads=(skills.LEARNERS, skills.PROGRESS, skills.SCORES),
        roster=(skills.ROLES, skills.NEEDS, skills.WORK),
        finish=skills.add_up,
        members=skills.LEARNERS,
        source=Source.LEARNERS,
        group=of_teams.TEAM_SKILLS,
        evidence={"level": Why.TOLD, **members.SKILLS},
    ),
    Metric(
        "team_skill_members",
        "Skills, member by member",
        "One row per member and need of the member's job role, for members whose record the viewer may see.",
        Scope.TEAM,
        (
            c.STUDENT_ID,
            c.NAME,
            ROLE,
            NEED,
            Column("skill_state", Unit.STATE, "Standing", "met, below or no_result"),
            LEVEL,
            Column("reached", Unit.PERCENT, "Reached", "what the member has reached, null without a result"),
            Column("gap", Unit.PERCENT, "Gap", "points that are missing to the level"),
        ),
        "Skills",
        takes=PAGE,
        named=True,
        order="-gap",
        reads=(skills.LEARNERS, skills.PROGRESS, skills.SCORES),
        roster=(skills.ROLES, skills.NEEDS, skills.WORK),
        finish=skills.list_members,
        source=Source.LEARNERS,
        evidence={"level": Why.TOLD, "reached": Why.RECORD, "gap": Why.FORMULA},
    ),
)
