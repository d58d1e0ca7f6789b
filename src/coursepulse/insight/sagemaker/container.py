"""What runs in a training container of SageMaker: rows in, a model out.

The folders are those that SageMaker gives every container. It packs what is in ``model`` as the result, and shows what
is written to ``output/failure`` as the reason.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from coursepulse.insight.features import FEATURES, features_hash
from coursepulse.insight.risk.train import train_parts
from coursepulse.insight.sagemaker.exchange import result_files, unpack_rows
from coursepulse.insight.sagemaker.trainer import FEATURES_PARAMETER, ROWS
from coursepulse.insight.trainers import TrainingFailed
from coursepulse.kit.errors import CoursepulseError

#: Characters of a reason that SageMaker shows.
_LONGEST_REASON = 1024


def train_in_container(root: Path) -> str:
    """Train on the rows below a folder, usually ``/opt/ml``; returns what was made, in a sentence.

    :raises CoursepulseError: when nothing can be trained; the reason is also where SageMaker looks for it
    """
    try:
        return _train(root)
    except CoursepulseError as reason:
        _write(root / "output/failure", str(reason)[:_LONGEST_REASON].encode())
        raise


def _train(root: Path) -> str:
    parameters = msgspec.json.decode(
        (root / "input/config/hyperparameters.json").read_bytes(), type=dict[str, str]
    )
    if parameters.get(FEATURES_PARAMETER) != features_hash(FEATURES):
        raise TrainingFailed("The image has other features than the server. Use the image of its release.")
    trained = train_parts(unpack_rows((root / f"input/data/rows/{ROWS}").read_bytes()))
    for name, content in result_files(trained).items():
        _write(root / "model" / name, content)
    return f"A model of kind {trained.model.scorer.kind} with AUC {trained.quality.auc.value:.3f}."


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
