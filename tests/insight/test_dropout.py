"""The dropout protocol reads long and wide files, and finds who drops out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from coursepulse.insight.protocols import Wishes, evaluate
from coursepulse.kit.errors import CoursepulseError

START, TYPES = date(2030, 1, 1), ("video", "problem", "forum")


def counts(seed: int = 0) -> list[tuple[str, str, date, int, dict[str, list[int]]]]:
    random = np.random.default_rng(seed)
    found = []
    for course in range(3):
        for nth in range(150):
            drive = random.normal()
            label = int(random.random() < 1 / (1 + np.exp(2 * drive)))
            daily = {kind: random.poisson(np.exp(drive - 1), 10).tolist() for kind in TYPES}
            found.append((f"{course}-{nth}", f"c{course}", START + timedelta(days=60 * course), label, daily))
    return found


def write_long(folder: Path, *, dated: bool) -> None:
    lines = [f"enrolment,{'date' if dated else 'day'},{','.join(TYPES)}"]
    for one, _, start, _, daily in counts():
        for day in range(10):
            on = start + timedelta(days=day) if dated else day
            lines.append(f"{one},{on},{','.join(str(daily[kind][day]) for kind in TYPES)}")
    (folder / "log.csv").write_text("\n".join(lines))
    heads = [f"{one},{course},{start},{label}" for one, course, start, label, _ in counts()]
    (folder / "labels.csv").write_text("\n".join(["enrollment_id,course_id,start_date,dropout", *heads]))


def write_wide(folder: Path) -> None:
    names = [f"{kind}_{day}" for kind in TYPES for day in range(10)]
    lines = [f"enrolment,course,start,{','.join(names)},label"]
    for one, course, start, label, daily in counts():
        numbers = ",".join(str(number) for kind in TYPES for number in daily[kind])
        lines.append(f"{one},{course},{start},{numbers},{label}")
    (folder / "all.csv").write_text("\n".join(lines))


def test_all_shapes_say_the_same(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("days", "dates", "wide")]
    for folder in folders:
        folder.mkdir()
    write_long(folders[0], dated=False)
    write_long(folders[1], dated=True)
    write_wide(folders[2])
    found = [evaluate("dropout", folder, Wishes()) for folder in folders]
    assert found[0].rows == found[1].rows == found[2].rows
    figures = found[0].rows[0]
    assert found[0].about["train"] == ["c0", "c1"]
    assert found[0].about["test"] == ["c2"]
    assert figures["enrolments"] == 150
    assert figures["auc"] > 0.75
    assert figures["gain_low"] > 0


def test_courses_can_be_chosen(tmp_path: Path) -> None:
    write_wide(tmp_path)
    found = evaluate("dropout", tmp_path, Wishes(train=("c2",), test=("c0",)))
    assert (found.about["train"], found.about["test"]) == (["c2"], ["c0"])


@pytest.mark.parametrize(
    ("text", "missing"),
    [("enrolment,course,start,video_0\n1,c,2030-01-01,3\n", "label"), ("a,b\n1,2\n", "course")],
)
def test_what_is_missing_is_said(tmp_path: Path, text: str, missing: str) -> None:
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(CoursepulseError, match=missing):
        evaluate("dropout", tmp_path, Wishes())
