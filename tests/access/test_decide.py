"""The table of rights, whole: every kind of viewer, every action, every relation between viewer and subject."""

from __future__ import annotations

from itertools import product
from typing import get_args

import pytest

from coursepulse.access.decide import (
    AccountsSubject,
    Action,
    Allowed,
    CourseBoardSubject,
    CourseSubject,
    DenialReason,
    Denied,
    PlatformSubject,
    StudentSubject,
    Subject,
    TeamBoardSubject,
    TeamSubject,
    TrailSubject,
    decide,
)
from coursepulse.access.viewer import EVERYONE, Role, Viewer

ME, BEN, OPENED = (name.ljust(16, b"\0") for name in (b"me", b"ben", b"opened"))


def viewer(role: Role, *scopes: str) -> Viewer:
    """Somebody with every tie there is: a rule of one role must not fall for the tie of another."""
    return Viewer(
        role=role,
        subject="account:me",
        student_id=ME,
        course_ids=frozenset({"maths", ""}),  # not "ended": relations leave out what is over
        team_ids=frozenset({"sales"}),
        organisation_id="acme",
        opened=frozenset({OPENED}),
        scopes=frozenset(scopes),
    )


VIEWERS = {
    "student": viewer(Role.STUDENT),
    "instructor": viewer(Role.INSTRUCTOR),
    "manager": viewer(Role.MANAGER),
    "admin": viewer(Role.ADMIN),
    "auditor": viewer(Role.AUDITOR),
    "read-key": viewer(Role.SERVICE, "read"),
    "roster-key": viewer(Role.SERVICE, "roster"),
    "privacy-key": viewer(Role.SERVICE, "privacy"),
    "ingest-key": viewer(Role.SERVICE, "ingest"),
    "audit-key": viewer(Role.SERVICE, "audit"),
}

SUBJECTS: dict[str, Subject] = {
    "own record": StudentSubject(ME),
    "own record in a course": StudentSubject(ME, "art"),
    "student in own course": StudentSubject(BEN, "maths", frozenset({"maths", "art"})),
    "own student elsewhere": StudentSubject(BEN, "art", frozenset({"maths", "art"})),
    "own student, whole": StudentSubject(BEN, "", frozenset({"maths", "art", ""})),
    "student who left": StudentSubject(BEN, "maths", frozenset({"art"})),
    "student, course ended": StudentSubject(BEN, "ended", frozenset({"ended"})),
    "stranger": StudentSubject(BEN),
    "stranger, opened": StudentSubject(OPENED),
    "stranger in a course, opened": StudentSubject(OPENED, "art"),
    "student who left, opened": StudentSubject(OPENED, "maths", frozenset({"art"})),
    "member who shares": StudentSubject(BEN, team_ids=frozenset({"sales"}), shares=True),
    "member who does not": StudentSubject(BEN, team_ids=frozenset({"sales"})),
    "member of another team": StudentSubject(BEN, team_ids=frozenset({"legal"}), shares=True),
    "of another organisation": StudentSubject(BEN, team_ids=frozenset(), shares=True),
    "own course": CourseSubject("maths"),
    "another course": CourseSubject("art"),
    "own course, ended": CourseSubject("ended"),
    "no course": CourseSubject(""),
    "own team": TeamSubject("sales", "acme"),
    "another team": TeamSubject("legal", "acme"),
    "same team, other organisation": TeamSubject("sales", "globex"),
    "team of no organisation": TeamSubject("sales", ""),
    "board of a course attended": CourseBoardSubject("art", attends=True),
    "board of own course": CourseBoardSubject("maths"),
    "board of another course": CourseBoardSubject("art"),
    "board of own team": TeamBoardSubject("sales", "acme"),
    "board of another team": TeamBoardSubject("legal", "acme"),
    "board, other organisation": TeamBoardSubject("sales", "globex"),
    "platform": PlatformSubject(),
    "trail": TrailSubject(),
    "accounts": AccountsSubject(),
}

#: The dead letters of a cell in their order: allowed where the dead letter stands, denied where a dot does.
LETTERS = {
    "R": Action.READ,
    "X": Action.EXPORT,
    "A": Action.ARCHIVE,
    "E": Action.ERASE,
    "C": Action.CONSENT,
    "S": Action.SEARCH_TRAIL,
    "H": Action.CHANGE,
    "B": Action.BREAK_GLASS,
}

TABLE = """
                              | student  | instructor | manager  | admin    | auditor  | read-key | roster-key | privacy-key | ingest-key | audit-key
own record                    | RXAECS.. | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
own record in a course        | RXAECS.. | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
student in own course         | ........ | RX.....B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
own student elsewhere         | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
own student, whole            | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
student who left              | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
student, course ended         | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
stranger                      | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
stranger, opened              | ........ | R......B   | ........ | RXAE...B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
stranger in a course, opened  | ........ | R......B   | ........ | RXAE...B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
student who left, opened      | ........ | R......B   | ........ | RXAE...B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
member who shares             | ........ | .......B   | RX...... | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
member who does not           | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
member of another team        | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
of another organisation       | ........ | .......B   | ........ | .......B | .....S.. | RX...... | ....C...   | ..AE....    | ........   | .....S..
own course                    | ........ | RX....H.   | ........ | RX....H. | ........ | RX...... | ........   | ........    | ........   | ........
another course                | ........ | ........   | ........ | RX....H. | ........ | RX...... | ........   | ........    | ........   | ........
own course, ended             | ........ | ........   | ........ | RX....H. | ........ | RX...... | ........   | ........    | ........   | ........
no course                     | ........ | ........   | ........ | RX....H. | ........ | RX...... | ........   | ........    | ........   | ........
own team                      | ........ | ........   | RX...... | RX...... | ........ | RX...... | ........   | ........    | ........   | ........
another team                  | ........ | ........   | ........ | RX...... | ........ | RX...... | ........   | ........    | ........   | ........
same team, other organisation | ........ | ........   | ........ | RX...... | ........ | RX...... | ........   | ........    | ........   | ........
team of no organisation       | ........ | ........   | ........ | RX...... | ........ | RX...... | ........   | ........    | ........   | ........
board of a course attended    | R....... | ........   | ........ | ........ | ........ | RX...... | ........   | ........    | ........   | ........
board of own course           | ........ | RX......   | ........ | ........ | ........ | RX...... | ........   | ........    | ........   | ........
board of another course       | ........ | ........   | ........ | ........ | ........ | RX...... | ........   | ........    | ........   | ........
board of own team             | ........ | ........   | RX...... | ........ | ........ | RX...... | ........   | ........    | ........   | ........
board of another team         | ........ | ........   | ........ | ........ | ........ | RX...... | ........   | ........    | ........   | ........
board, other organisation     | ........ | ........   | ........ | ........ | ........ | RX...... | ........   | ........    | ........   | ........
platform                      | ........ | ........   | ........ | RX...... | ........ | RX...... | ........   | ........    | ........   | ........
trail                         | ........ | ........   | ........ | .X...S.. | .X...S.. | ........ | ........   | ........    | ........   | .X...S..
accounts                      | ........ | ........   | ........ | R.....H. | ........ | ........ | ........   | ........    | ........   | ........
"""  # noqa: E501 - a row is a row


def read_table(text: str) -> dict[tuple[str, str, Action], bool]:
    """Whether a viewer may do something to a subject, for every combination that the table knows."""
    header, *lines = [[cell.strip() for cell in line.split("|")] for line in text.strip("\n").splitlines()]
    found: dict[tuple[str, str, Action], bool] = {}
    for relation, *cells in lines:
        for who, cell in zip(header[1:], cells, strict=True):
            assert len(cell) == len(LETTERS), f"{who}, {relation}: a letter or a dot for each action"
            for mark, (letter, action) in zip(cell, LETTERS.items(), strict=True):
                assert mark in (letter, "."), f"{who}, {relation}: {cell}"
                assert (who, relation, action) not in found, f"{relation} has two rows"
                found[who, relation, action] = mark == letter
    return found


RIGHTS = read_table(TABLE)
EVERYTHING = list(product(VIEWERS, SUBJECTS, Action))


def test_the_table_has_a_row_for_everything() -> None:
    assert set(RIGHTS) == set(EVERYTHING)
    assert {one.role for one in VIEWERS.values()} == set(Role)
    assert {type(subject) for subject in SUBJECTS.values()} == set(get_args(Subject))
    assert set(LETTERS.values()) == set(Action)


@pytest.mark.parametrize("who", VIEWERS)
@pytest.mark.parametrize("relation", SUBJECTS)
def test_rights(who: str, relation: str) -> None:
    allowed = {
        action: isinstance(decide(VIEWERS[who], action, SUBJECTS[relation]), Allowed) for action in Action
    }
    assert allowed == {action: RIGHTS[who, relation, action] for action in Action}


REASONS = [
    ("student", Action.READ, "stranger", DenialReason.NOT_YOURS),
    ("student", Action.READ, "own course", DenialReason.NO_RULE),
    ("instructor", Action.READ, "another course", DenialReason.NOT_TAUGHT),
    ("instructor", Action.READ, "own student elsewhere", DenialReason.NOT_TAUGHT),
    ("instructor", Action.READ, "own student, whole", DenialReason.NOT_TAUGHT),
    ("instructor", Action.READ, "student who left", DenialReason.NOT_ENROLLED),
    ("instructor", Action.EXPORT, "stranger, opened", DenialReason.NOT_TAUGHT),
    ("manager", Action.READ, "member who does not", DenialReason.NOT_SHARED),
    ("manager", Action.READ, "member of another team", DenialReason.NOT_MANAGED),
    ("manager", Action.READ, "another team", DenialReason.NOT_MANAGED),
    ("manager", Action.READ, "same team, other organisation", DenialReason.OTHER_ORGANISATION),
    ("admin", Action.READ, "stranger", DenialReason.NOT_OPENED),
    ("auditor", Action.READ, "platform", DenialReason.NO_RULE),
    ("ingest-key", Action.READ, "platform", DenialReason.NO_SCOPE),
    ("read-key", Action.ERASE, "stranger", DenialReason.NO_SCOPE),
    ("read-key", Action.SEARCH_TRAIL, "trail", DenialReason.NO_SCOPE),
]


@pytest.mark.parametrize(("who", "action", "relation", "reason"), REASONS)
def test_a_denial_says_why(who: str, action: Action, relation: str, reason: DenialReason) -> None:
    assert decide(VIEWERS[who], action, SUBJECTS[relation]) == Denied(reason)


def test_every_reason_occurs() -> None:
    assert {reason for *_, reason in REASONS} == set(DenialReason)


def test_a_student_account_without_a_record_sees_nobody() -> None:
    nobody = Viewer(role=Role.STUDENT, subject="account:new")
    assert decide(nobody, Action.READ, StudentSubject(bytes(16))) == Denied(DenialReason.NOT_YOURS)


def test_everyone_contains_whoever_is_asked_about() -> None:
    standing = Viewer(role=Role.ADMIN, subject="demo", opened=EVERYONE)
    assert decide(standing, Action.READ, StudentSubject(BEN)) == Allowed()


def test_the_documented_table_is_this_one() -> None:
    from pathlib import Path

    page = (Path(__file__).parents[2] / "docs/reference/rights.md").read_text()
    assert TABLE.strip("\n") in page
