"""What goes to a training outside of this server, and what comes back: Parquet, JSON and text, in a tar.

A row that goes has the features, a period and what became of the learner. It names neither student nor course.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping, Sequence
from math import isfinite

import msgspec
import numpy as np
import polars as pl

from coursepulse.insight.features import Feature
from coursepulse.insight.risk.model import read_model
from coursepulse.insight.risk.train import Trained, judged, tested_rows
from coursepulse.kit.errors import CoursepulseError

#: Columns of a row beside its features.
_BESIDE = ("dated", "period", "part", "lost")

_RESULT = "training.json"

#: No model comes near these: a file that is larger is none. Bytes of one, and how many of them.
_LARGEST, _MOST_FILES = 64 << 20, 8


class ForeignResult(CoursepulseError):
    """What came back is not what a training of this release makes."""


class _Result(msgspec.Struct, frozen=True):
    """How the contenders did, and what was predicted for the rows of the latest period, in their order."""

    contenders: dict[str, float]
    held_out: list[float]


def pack_rows(parts: pl.DataFrame, features: Sequence[Feature]) -> bytes:
    """Rows of :func:`into_parts` as Parquet, without whom and what they are about."""
    file = io.BytesIO()
    names = [each.name for each in features if each.name not in _BESIDE]
    parts.select(*names, *_BESIDE).write_parquet(file, compression="zstd")
    return file.getvalue()


def unpack_rows(content: bytes) -> pl.DataFrame:
    """What :func:`pack_rows` wrote."""
    return pl.read_parquet(io.BytesIO(content))


def result_files(trained: Trained) -> dict[str, bytes]:
    """The files of a result: those of the model, and how it did."""
    told = _Result(dict(trained.contenders), trained.held_out.tolist())
    return {**trained.model.files(), _RESULT: msgspec.json.encode(told)}


def read_result(files: Mapping[str, bytes], parts: pl.DataFrame, features: Sequence[Feature]) -> Trained:
    """A result beside the rows that it was made from.

    :raises ForeignResult: when it does not fit them
    :raises StaleModel: when it was made with other features
    """
    try:
        told = msgspec.json.decode(files[_RESULT], type=_Result)
        model = read_model(files, features)
    except (KeyError, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise ForeignResult(f"What came back cannot be read: {error}.") from None
    tested = tested_rows(parts)
    if len(told.held_out) != tested.height or not all(
        isfinite(each) and 0 <= each <= 1 for each in told.held_out
    ):
        raise ForeignResult("What came back does not fit the rows that were sent.")
    return judged(model, told.contenders, tested, np.array(told.held_out))


def untar(content: bytes) -> dict[str, bytes]:
    """The files of a ``.tar.gz``. Nothing is written anywhere, and folders and links are passed over.

    :raises ForeignResult: when it is none, or larger than a result can be
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:gz") as archive:
            return _files_of(archive)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ForeignResult(f"What came back is no archive: {error}.") from None


def _files_of(archive: tarfile.TarFile) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for member in archive:
        if member.size > _LARGEST or len(files) >= _MOST_FILES:
            raise ForeignResult("What came back is larger than a model can be.")
        content = archive.extractfile(member) if member.isfile() else None
        if content is not None:
            files[member.name.removeprefix("./")] = content.read()
    return files
