"""What the command prints."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from coursepulse.cli.imports import print_receipt
from coursepulse.importers.receipt import ImportReceipt, RefusedRecord


@pytest.fixture
def receipt() -> ImportReceipt:
    found = ImportReceipt(
        format="openedx",
        read=1200,
        events=1100,
        accepted=1099,
        duplicates=3,
        skipped=Counter(anonymous=7),
        students=10,
        consents=10,
        courses=2,
        seconds=1.5,
    )
    found.refuse(RefusedRecord("line 12 of a.log", "malformed", "$", "Not JSON."))
    return found


def test_programs_get_one_line_of_json(receipt: ImportReceipt, capsys: pytest.CaptureFixture[str]) -> None:
    print_receipt(receipt, as_json=True)
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert (found["read"], found["duplicates"], found["rejected"]) == (1200, 3, {"malformed": 1})
    assert found["refusals"][0]["place"] == "line 12 of a.log"


def test_people_get_sentences(receipt: ImportReceipt, capsys: pytest.CaptureFixture[str]) -> None:
    print_receipt(receipt, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "1,200 records read, 1,099 events accepted, 3 duplicates",
        "10 students, 2 courses, 1.5 s",
        "consent to analytics asserted for 10 students (source: import)",
        "skipped anonymous: 7",
        "rejected malformed: 1",
        "  line 12 of a.log: $ Not JSON.",
    ]


def test_an_unknown_number_of_duplicates_is_called_that(capsys: pytest.CaptureFixture[str]) -> None:
    print_receipt(ImportReceipt(format="xapi", resumed=5), as_json=False)
    out = capsys.readouterr().out
    assert "an unknown number of duplicates" in out
    assert "5 events had been sent before an interruption" in out
