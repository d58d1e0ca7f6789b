"""CSV files of the roster become rows of the roster API: all of them, or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import msgspec
import pytest

from coursepulse.campus.certificates import Certificate
from coursepulse.campus.organisations import Team
from coursepulse.campus.seats import Budget
from coursepulse.campus.target_profiles import Need, TargetProfile
from coursepulse.campus.trainings import Training
from coursepulse.importers.destination import Destination, DestinationRefusal
from coursepulse.importers.roster_csv import PARTS, import_csv
from coursepulse.kit.errors import CoursepulseError
from coursepulse.web.http.examples import EXAMPLES


class Taken:
    """A server that remembers what it was sent, and refuses the rows at some places."""

    def __init__(self, *refused: int) -> None:
        self.rows: dict[str, list[msgspec.Struct]] = {}
        self._refused = refused

    def put(self, path: str, rows: Sequence[msgspec.Struct]) -> list[DestinationRefusal]:
        self.rows.setdefault(path, []).extend(rows)
        return [DestinationRefusal(n, "unknown_team", "$.team_id", "Not known.") for n in self._refused]

    @property
    def port(self) -> Destination:
        return cast(Destination, SimpleNamespace(put=self.put))


def write(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines))
    return path


def test_each_file_is_a_part_and_they_go_in_an_order_in_which_nothing_is_unknown(tmp_path: Path) -> None:
    files = [
        write(
            tmp_path,
            "budgets.csv",
            "budget_id,organisation_id,currency,amount,starts_on,ends_on",
            "b,acme,EUR,1200.50,2026-01-01,2026-12-31",
        ),
        write(
            tmp_path,
            "profiles.csv",
            "profile_id,organisation_id,needs,people",
            "lead,acme,skill first aid 70; course safety-1 100,ann;bo",
        ),
        write(
            tmp_path,
            "certificates.csv",
            "external_id,organisation_id,certificate_id,issued_on,expires_on",
            "ann,acme,forklift,2024-05-02,",
        ),
        write(
            tmp_path,
            "trainings.csv",
            "course_id,team_id,external_id,organisation_id,mandatory,due_on",
            "safety-1,sales,,,yes,2026-12-15",
            "safety-1,,ann,acme,NO,",
        ),
        write(tmp_path, "teams.csv", "team_id,organisation_id,members", "sales,acme,ann; bo;"),
    ]
    taken = Taken()
    receipt = import_csv(files, taken.port)
    assert taken.rows == {
        "/v1/roster/teams": [Team(team_id="sales", organisation_id="acme", members=("ann", "bo"))],
        "/v1/roster/trainings": [
            Training(course_id="safety-1", team_id="sales", due_on=date(2026, 12, 15)),
            Training(course_id="safety-1", external_id="ann", organisation_id="acme", mandatory=False),
        ],
        "/v1/roster/certificates": [
            Certificate(
                external_id="ann",
                organisation_id="acme",
                certificate_id="forklift",
                issued_on=date(2024, 5, 2),
            )
        ],
        "/v1/roster/profiles": [
            TargetProfile(
                profile_id="lead",
                organisation_id="acme",
                needs=(Need(skill="first aid", level=70), Need(course_id="safety-1", level=100)),
                people=("ann", "bo"),
            )
        ],
        "/v1/roster/budgets": [
            Budget(
                budget_id="b",
                organisation_id="acme",
                currency="EUR",
                amount=Decimal("1200.50"),
                starts_on=date(2026, 1, 1),
                ends_on=date(2026, 12, 31),
            )
        ],
    }
    assert list(taken.rows) == [f"/v1/roster/{part}" for part in PARTS if f"/v1/roster/{part}" in taken.rows]
    assert receipt.accepted == {"teams": 1, "trainings": 2, "certificates": 1, "profiles": 1, "budgets": 1}


def test_every_part_has_an_endpoint() -> None:
    assert {("put", f"/v1/roster/{part}") for part in PARTS} <= EXAMPLES.keys()


def test_a_refused_row_is_named_by_file_and_line(tmp_path: Path) -> None:
    file = write(tmp_path, "trainings.csv", "course_id,team_id", "c,sales", "c,nowhere")
    receipt = import_csv([file], Taken(1).port)
    assert (receipt.accepted, receipt.rejected) == ({"trainings": 1}, {"unknown_team": 1})
    assert [each.place for each in receipt.refusals] == ["line 3 of trainings.csv"]


@pytest.mark.parametrize(
    ("name", "lines", "said"),
    [
        ("courses.csv", ["course_id"], "must be named after what it holds: organisations, people,"),
        ("trainings.csv", ["team_id", "sales"], "must name course_id; assigned_on,"),
        ("trainings.csv", ["course_id,email", "c,x"], "must name course_id; assigned_on,"),
        ("trainings.csv", ["course_id,team_id", "c,sales,more"], "The line 2 of trainings.csv has more"),
        ("trainings.csv", ["course_id,due_on", "c,soon"], r"line 2 of trainings.csv: \$.due_on Send a date"),
        ("trainings.csv", ["course_id,mandatory", "c,maybe"], r"\$.mandatory Send true or false here"),
        (
            "seats.csv",
            ["pool_id,organisation_id,bought", "p,acme,-1"],
            r"\$.bought Send a whole number of at",
        ),
        (
            "profiles.csv",
            ["profile_id,organisation_id,needs", "p,acme,first-aid 70"],
            r"\$.needs\[0\] There is no",
        ),
    ],
)
def test_of_files_that_cannot_be_read_nothing_is_sent(
    tmp_path: Path, name: str, lines: list[str], said: str
) -> None:
    good = write(tmp_path, "organisations.csv", "organisation_id", "acme")
    taken = Taken()
    with pytest.raises(CoursepulseError, match=said):
        import_csv([good, write(tmp_path, name, *lines)], taken.port)
    assert taken.rows == {}
