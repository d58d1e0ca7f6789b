"""The steps from a question to its answer: their list, and that none of them knows a metric by name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from coursepulse.metrics import steps
from coursepulse.metrics.run import STEPS

FOLDER = Path(steps.__file__).parent
MODULES = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
ARCHITECTURE = Path(__file__).parents[2] / "docs/explanation/architecture.md"


def test_the_architecture_lists_the_steps() -> None:
    diagram = ARCHITECTURE.read_text().split("metrics.run(query, viewer)\n")[1].split("```")[0]
    assert re.findall(r"-> (\w+)", diagram) == [step.__name__ for step in STEPS]


def test_every_step_is_in_a_module_of_its_own() -> None:
    assert {step.__module__.rpartition(".")[2] for step in STEPS} == {step.__name__ for step in STEPS}
    assert {step.__name__ for step in STEPS} | {"parameters"} == set(MODULES)


def branches_on_names(source: str) -> Iterator[str]:
    """Decisions by which metric or query it is."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, (ast.Compare, ast.BinOp)):
            named = (part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute))
            if {"slug", "queries", "reads"} & set(named):
                yield ast.unparse(node)


@pytest.mark.parametrize("module", MODULES)
def test_no_step_asks_which_metric_it_is(module: str) -> None:
    assert not list(branches_on_names((FOLDER / f"{module}.py").read_text()))


@pytest.mark.parametrize(
    "decision", ["metric.slug == 'courses'", "'class_rows' in metric.queries", "JUDGED & set(metric.queries)"]
)
def test_such_a_branch_is_found(decision: str) -> None:
    assert list(branches_on_names(f"if {decision}:\n    pass")) == [decision]
