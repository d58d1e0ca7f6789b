"""The Python definitions answer the published vectors, whatever order the events come in."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.definitions.answers import ANSWERS
from tests.support.vectors import Vector, check_vector, load_vectors, open_case

VECTORS = load_vectors()

each_vector = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)


@each_vector
def test_definitions_answer_vector(vector: Vector) -> None:
    check_vector(open_case(vector), vector.expected, ANSWERS)


@each_vector
def test_order_and_repeats_change_nothing(vector: Vector) -> None:
    case = open_case(vector)
    shaken = msgspec.structs.replace(case, events=[*reversed(case.events), *case.events[::2]])
    check_vector(shaken, vector.expected, ANSWERS)


def test_vector_names_are_unique() -> None:
    assert max(Counter(vector.name for vector in VECTORS).values()) == 1


def test_every_answer_is_asked_for() -> None:
    assert {metric for vector in VECTORS for metric in vector.expected} == ANSWERS.keys()


def test_documentation_names_each_vector_and_no_other() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/definitions.md").read_text()
    lists = re.findall(r"^Vectors: (.*?)\.$", text, re.MULTILINE | re.DOTALL)
    named = {name for each in lists for name in re.findall(r"`(\w+)`", each)}
    assert named == {vector.name for vector in VECTORS}
