"""Rows as CSV."""

from __future__ import annotations

from datetime import date

import pytest

from coursepulse.kit.csv_text import write_csv


def test_rows_are_lines_that_end_as_the_rfc_says() -> None:
    assert write_csv([("name", "n"), ("a, b", 1)]) == 'name,n\r\n"a, b",1\r\n'


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, '""'),
        (True, "true"),
        (["é", 1], '"[""é"", 1]"'),
        (("low", None), '"[""low"", null]"'),
        (date(2026, 1, 2), "2026-01-02"),
        (-1.5, "-1.5"),
        ("=1+1", "'=1+1"),
        ("-1", "'-1"),
        ("\tx", "'\tx"),
        (" =1+1", "' =1+1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\u200b=1+1", "'\u200b=1+1"),
        ("\n@x", '"\'\n@x"'),
        (" plain", " plain"),
    ],
)
def test_a_cell_says_what_json_would_and_is_no_formula(value: object, written: str) -> None:
    assert write_csv([[value]]) == f"{written}\r\n"
