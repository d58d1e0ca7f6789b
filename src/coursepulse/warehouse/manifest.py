"""The manifest: the one file that says which files are the warehouse now. Replacing it is what publishes an export."""

from __future__ import annotations

import msgspec

from coursepulse.kit.errors import CoursepulseError
from coursepulse.warehouse.tables import FORMAT

MANIFEST = "manifest.json"


class DamagedManifest(CoursepulseError):
    """The manifest of the warehouse cannot be read, so nobody can say which files belong to it."""


class WarehouseFile(msgspec.Struct, frozen=True, kw_only=True):
    """A Parquet file.

    :param part: the day or month that it holds; empty for a table that is one file
    :param path: below the folder of the manifest
    :param source: another text whenever what the file was made of has changed
    """

    table: str
    part: str
    path: str
    rows: int
    bytes: int
    sha256: str
    source: str = ""


class WarehouseManifest(msgspec.Struct, frozen=True, kw_only=True):
    """What an export published.

    :param number: of the export, from 1; it grows whenever a file has changed
    :param exported_at: when the export began, ISO 8601, UTC: what was known by then is in the files
    :param through: the last UTC day that is in the files
    :param schema: another text whenever columns have changed
    :param keys: a value that changes whenever the hashing of ids changes
    """

    format: int = FORMAT
    number: int = 0
    exported_at: str = ""
    through: str = ""
    schema: str = ""
    keys: str = ""
    files: list[WarehouseFile] = []

    def paths(self) -> set[str]:
        """The files that belong to the warehouse."""
        return {file.path for file in self.files}


def read_manifest(content: bytes | None) -> WarehouseManifest:
    """An empty one for a folder without any.

    :raises DamagedManifest: when it is none of ours
    """
    if content is None:
        return WarehouseManifest()
    try:
        found = msgspec.json.decode(content, type=WarehouseManifest)
    except msgspec.MsgspecError:
        raise DamagedManifest(
            f"{MANIFEST} in the warehouse cannot be read. Remove it, and the next export writes everything anew."
        ) from None
    return found


def write_manifest(manifest: WarehouseManifest) -> bytes:
    """For people to read as well."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
