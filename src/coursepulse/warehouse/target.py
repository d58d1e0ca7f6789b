"""Where files go: a folder or a bucket. Each file appears whole, or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import pyarrow.fs as pafs

from coursepulse.kit.errors import CoursepulseError, SettingError

#: Files that are still being written begin with this, and count for nobody.
_DRAFT = ".draft-"


class WarehouseUnavailable(CoursepulseError):
    """The folder or bucket of the warehouse cannot be read or written."""


class WarehouseTarget(Protocol):
    """Keeps files by their paths. Every method raises WarehouseUnavailable when it cannot."""

    def read(self, path: str) -> bytes | None:
        """The content of a small file; None where there is none."""

    def put(self, path: str, file: Path) -> None:
        """Keep a copy of a local file, in the place of an earlier one."""

    def paths(self) -> set[str]:
        """Every file that is there, drafts included."""

    def remove(self, paths: Collection[str]) -> None:
        """Take files away."""


class FolderTarget:
    """A folder: a file is written beside its place and renamed."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str) -> bytes | None:
        with _translated(str(self._root)):
            try:
                return (self._root / path).read_bytes()
            except FileNotFoundError:
                return None

    def put(self, path: str, file: Path) -> None:
        goal = self._root / path
        draft = goal.with_name(f"{_DRAFT}{goal.name}")
        with _translated(str(self._root)):
            goal.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, draft)
            _sync(draft)
            draft.replace(goal)
            _sync(goal.parent)

    def paths(self) -> set[str]:
        with _translated(str(self._root)):
            return {str(path.relative_to(self._root)) for path in self._root.rglob("*") if path.is_file()}

    def remove(self, paths: Collection[str]) -> None:
        with _translated(str(self._root)):
            for path in paths:
                (self._root / path).unlink(missing_ok=True)
            for folder in {(self._root / path).parent for path in paths} - {self._root}:
                if not any(folder.iterdir()):
                    folder.rmdir()


class BucketTarget:
    """A prefix in a bucket that speaks S3: an object appears when all of it has arrived.

    Who may write, and the region, the usual variables say (``AWS_ACCESS_KEY_ID`` and so on).

    :param endpoint: of another service than Amazon's, such as ``http://127.0.0.1:9000``
    """

    def __init__(self, root: str, endpoint: str = "") -> None:
        self._root = root.rstrip("/")
        where = urlsplit(endpoint)
        with _translated(f"s3://{self._root}"):
            self._files = pafs.S3FileSystem(
                **({"endpoint_override": where.netloc, "scheme": where.scheme} if endpoint else {})
            )

    def read(self, path: str) -> bytes | None:
        with _translated(f"s3://{self._root}"):
            if self._files.get_file_info(f"{self._root}/{path}").type is pafs.FileType.NotFound:
                return None
            with self._files.open_input_stream(f"{self._root}/{path}") as stream:
                return bytes(stream.read())

    def put(self, path: str, file: Path) -> None:
        with (
            _translated(f"s3://{self._root}"),
            file.open("rb") as source,
            self._files.open_output_stream(f"{self._root}/{path}") as stream,
        ):
            shutil.copyfileobj(source, stream, 8 << 20)

    def paths(self) -> set[str]:
        with _translated(f"s3://{self._root}"):
            found = self._files.get_file_info(
                pafs.FileSelector(self._root, allow_not_found=True, recursive=True)
            )
        files = (each.path for each in found if each.type is pafs.FileType.File)
        return {path.removeprefix(f"{self._root}/") for path in files}

    def remove(self, paths: Collection[str]) -> None:
        with _translated(f"s3://{self._root}"):
            for path in paths:
                self._files.delete_file(f"{self._root}/{path}")


def open_target(url: str, endpoint: str = "") -> WarehouseTarget:
    """The target of ``file:///dir`` or ``s3://bucket/prefix``.

    :raises SettingError: for any other
    :raises WarehouseUnavailable: when it does not answer
    """
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.strip("/") and not parts.netloc:
        return FolderTarget(Path(unquote(parts.path)))
    if parts.scheme == "s3" and parts.netloc and _is_endpoint(urlsplit(endpoint)):
        return BucketTarget(f"{parts.netloc}{unquote(parts.path)}", endpoint)
    raise SettingError(
        "COURSEPULSE_WAREHOUSE must be file:///dir or s3://bucket/prefix, and COURSEPULSE_WAREHOUSE_ENDPOINT "
        "empty or http(s)://host:port."
    )


def _is_endpoint(parts: SplitResult) -> bool:
    return not parts.geturl() or (parts.scheme in ("http", "https") and bool(parts.netloc))


@contextmanager
def _translated(where: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        said = str(error).partition("\n")[0]
        raise WarehouseUnavailable(f"The warehouse at {where} does not work: {said}") from error


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
