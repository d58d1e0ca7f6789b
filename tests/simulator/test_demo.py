"""Which campus the demo shows."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from coursepulse.cli.demo import Campus, choose_campus
from coursepulse.cli.main import app
from coursepulse.kit.errors import SettingError

SMALL = Campus(5, 3, 7, "2026-04-15T16:30:00+00:00", loaded=True)


def keep(data: Path) -> None:
    (data / "demo.json").write_bytes(msgspec.json.encode(SMALL))


def demo(data: Path, *options: str) -> None:
    CliRunner().invoke(app, ["demo", "--port", "0", "--data", str(data), *options], catch_exceptions=False)


@pytest.mark.parametrize("numbers", [(None, None, None), (5, None, None), (5, 3, 7)])
def test_the_campus_of_the_directory_is_shown_again(
    tmp_path: Path, numbers: tuple[int | None, int | None, int | None]
) -> None:
    keep(tmp_path)
    assert choose_campus(tmp_path, *numbers) == SMALL


def test_another_campus_than_the_one_of_the_directory_is_refused(tmp_path: Path) -> None:
    keep(tmp_path)
    with pytest.raises(
        SettingError, match=r"^\S+ holds 5 students in 3 courses over 7 days. .* choose another --data"
    ):
        demo(tmp_path, "--students", "6")
    assert [each.name for each in tmp_path.iterdir()] == ["demo.json"]


@pytest.mark.parametrize("name", ["students", "courses", "days"])
@pytest.mark.parametrize("number", ["0", "-1"])
def test_a_campus_that_would_be_empty_is_refused_before_anything_starts(
    tmp_path: Path, name: str, number: str
) -> None:
    with pytest.raises(SettingError, match="at least one student, one course and one day"):
        demo(tmp_path / "new", f"--{name}", number)
    assert not (tmp_path / "new").exists()


def test_numbers_that_are_left_out_are_the_usual_ones(tmp_path: Path) -> None:
    campus = choose_campus(tmp_path, 40, None, None)
    assert (campus.students, campus.courses, campus.days, campus.loaded) == (40, 60, 60, False)
