"""Metrics about what members of a team have to take, and the certificates that they hold."""

from __future__ import annotations

from coursepulse.metrics.catalog import columns as c
from coursepulse.metrics.catalog.groups import of_teams
from coursepulse.metrics.catalog.takes import PAGE
from coursepulse.metrics.evidence import members
from coursepulse.metrics.evidence.proof import Same, Why
from coursepulse.metrics.finish import certificates, trainings
from coursepulse.metrics.metric import Column, Metric, Scope, Source, Unit

MANDATORY = Column("mandatory", Unit.FLAG, "Mandatory", "whether it has to be taken")

CERTIFICATE = Column("certificate", Unit.TEXT, "Certificate", "what it is called")

OF_TEAM = Column(
    "of_team", Unit.FLAG, "Team's own", "for this team alone; otherwise for the whole organisation"
)

TRAINING_METRICS = (
    Metric(
        "team_training",
        "Training of a team",
        "One row per course that the team or a member of it has to take: how many are done and overdue.",
        Scope.TEAM,
        (
            c.COURSE_ID,
            c.COURSE_TITLE,
            MANDATORY,
            Column("due_on", Unit.DATE, "Due", "due date of the team; null where only members have one"),
            Column("assigned", Unit.COUNT, "Assigned", "members who have to take it"),
            Column("done", Unit.COUNT, "Done", "of these, who have completed it"),
            Column("overdue", Unit.COUNT, "Overdue", "of these, who have not, and whose due date has passed"),
            Column(
                "due_soon",
                Unit.COUNT,
                "Due soon",
                "of these, who have not, and whose due date is within 30 days",
            ),
            Column("not_begun", Unit.COUNT, "Not begun", "of these, who have not touched a lesson of it"),
            Column("done_pct", Unit.PERCENT, "Done %", "done, of those assigned"),
        ),
        "Training",
        reads=(trainings.LEARNERS, trainings.PROGRESS),
        roster=(trainings.OF_TEAM, trainings.OF_PEOPLE),
        finish=trainings.add_up,
        members=trainings.LEARNERS,
        titled="course_id",
        source=Source.LEARNERS,
        group=of_teams.TEAM_TRAINING,
        evidence=members.TRAINING,
    ),
    Metric(
        "team_training_members",
        "Training, member by member",
        "One row per member and course that the member has to take, for members whose record the viewer may see.",
        Scope.TEAM,
        (
            c.STUDENT_ID,
            c.NAME,
            c.COURSE_ID,
            c.COURSE_TITLE,
            Column("state", Unit.STATE, "State", "overdue, due_soon, open, done_late or done"),
            Column("due_on", Unit.DATE, "Due", "the last day on which it is done in time"),
            Column(
                "days_left",
                Unit.NUMBER,
                "Days left",
                "days to the due date, below zero when it has passed; null when done or without a due date",
            ),
            MANDATORY,
            Column("assigned_on", Unit.DATE, "Assigned on", "when it was assigned, null when not said"),
            Column("done_on", Unit.DATE, "Done on", "when it was completed, null while it is not"),
            Column(
                "completion_pct", Unit.PERCENT, "Completion", "lessons completed, of those in the catalog"
            ),
        ),
        "Training",
        takes=PAGE,
        named=True,
        titled="course_id",
        order="days_left",
        reads=(trainings.LEARNERS, trainings.PROGRESS),
        roster=(trainings.OF_TEAM, trainings.OF_PEOPLE),
        finish=trainings.list_members,
        source=Source.LEARNERS,
        evidence={"days_left": Why.FORMULA, "completion_pct": Same("student_courses")},
    ),
    Metric(
        "team_certificates",
        "Certificates of a team",
        "One row per kind of certificate that members hold: how many have expired or soon will.",
        Scope.TEAM,
        (
            Column("certificate_id", Unit.ID, "Certificate", "the platform's id of the kind", hidden=True),
            CERTIFICATE,
            Column(
                "holders", Unit.COUNT, "Holders", "members with a certificate of this kind, expired or not"
            ),
            Column("expired", Unit.COUNT, "Expired", "of these, whose certificate has expired"),
            Column(
                "expires_30",
                Unit.COUNT,
                "Within 30 days",
                "of these, whose certificate expires within 30 days",
            ),
            Column(
                "expires_90",
                Unit.COUNT,
                "Within 90 days",
                "of these, whose certificate expires in 31 to 90 days",
            ),
            Column(
                "valid",
                Unit.COUNT,
                "Valid longer",
                "of these, whose certificate is valid for longer, or for good",
            ),
        ),
        "Certificates",
        reads=(certificates.LEARNERS,),
        roster=(certificates.HELD,),
        finish=certificates.add_up,
        members=certificates.LEARNERS,
        source=Source.LEARNERS,
        group=of_teams.TEAM_CERTIFICATES,
        evidence=members.CERTIFICATES,
    ),
    Metric(
        "team_certificate_members",
        "Certificates, member by member",
        "One row per member and certificate, for members whose record the viewer may see.",
        Scope.TEAM,
        (
            c.STUDENT_ID,
            c.NAME,
            CERTIFICATE,
            Column("state", Unit.STATE, "State", "expired, expires_30, expires_90 or valid"),
            Column("expires_on", Unit.DATE, "Expires on", "the last day on which it is valid; null for good"),
            Column("days_left", Unit.NUMBER, "Days left", "days to that day, below zero when it has passed"),
            Column("issued_on", Unit.DATE, "Issued on", "when it was issued"),
        ),
        "Certificates",
        takes=PAGE,
        named=True,
        order="days_left",
        reads=(certificates.LEARNERS,),
        roster=(certificates.HELD,),
        finish=certificates.list_members,
        source=Source.LEARNERS,
        evidence={"": Why.FORMULA},
    ),
)
