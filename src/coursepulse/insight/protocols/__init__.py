"""Evaluations on files: each protocol says how data are read, what is trained on and what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from coursepulse.insight.protocols import dropout, risk, skills
from coursepulse.insight.protocols.protocol import DAYS, Evaluation, EvaluationProtocol, Wishes
from coursepulse.kit.errors import CoursepulseError

__all__ = ["DAYS", "PROTOCOLS", "Evaluation", "EvaluationProtocol", "Wishes", "evaluate"]

#: Every protocol, by its name on the command line.
PROTOCOLS: Mapping[str, EvaluationProtocol] = MappingProxyType(
    {
        "risk": EvaluationProtocol("at-risk on a folder of OULAD files", risk.evaluate),
        "dropout": EvaluationProtocol("dropout from daily counts of events in CSV files", dropout.evaluate),
        "skills": EvaluationProtocol(
            "the next answer and mastery, from CSV files of answers", skills.evaluate_skills, takes_file=True
        ),
    }
)


def evaluate(name: str, folder: Path, wishes: Wishes) -> Evaluation:
    """Run a protocol on a folder.

    :raises CoursepulseError: for a protocol that is none, and for a folder without its files
    """
    if name not in PROTOCOLS:
        raise CoursepulseError(f"There is no protocol {name!r}; choose from {', '.join(PROTOCOLS)}.")
    if not folder.is_dir() and not (PROTOCOLS[name].takes_file and folder.is_file()):
        raise CoursepulseError(f"There is no folder {folder}.")
    return PROTOCOLS[name].run(folder, wishes)
