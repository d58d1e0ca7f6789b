"""One suite over a folder and over a bucket of a real S3 server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from coursepulse.kit.errors import SettingError
from coursepulse.warehouse.target import FolderTarget, WarehouseTarget, WarehouseUnavailable, open_target
from tests.support.amazon import running_amazon

_numbers = count()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with running_amazon("lake") as address:
        yield address


@pytest.fixture(params=["folder", "bucket"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> WarehouseTarget:
    if request.param == "folder":
        return open_target(f"file://{tmp_path}/a%20lake")
    return open_target(f"s3://lake/of the tests/{next(_numbers)}", request.getfixturevalue("s3"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"rows")
    return path


def test_what_is_kept_can_be_read_listed_replaced_and_removed(target: WarehouseTarget, file: Path) -> None:
    assert (target.read("manifest.json"), target.paths()) == (None, set())
    target.put("events/partition_day=2026-03-01/a.parquet", file)
    target.put("manifest.json", file)
    assert target.read("manifest.json") == b"rows"
    assert target.paths() == {"events/partition_day=2026-03-01/a.parquet", "manifest.json"}
    file.write_bytes(b"others")
    target.put("manifest.json", file)
    assert target.read("manifest.json") == b"others"
    target.remove({"events/partition_day=2026-03-01/a.parquet"})
    assert target.paths() == {"manifest.json"}
    target.remove(set())


def test_a_large_file_arrives_whole(target: WarehouseTarget, file: Path) -> None:
    content = bytes(range(256)) * (45 << 10)
    file.write_bytes(content)
    target.put("large", file)
    assert target.read("large") == content


def test_what_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, s3: str, file: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    for target in (FolderTarget(tmp_path / "taken"), open_target("s3://nobodys/lake", s3)):
        with pytest.raises(WarehouseUnavailable, match=r"The warehouse at .*(taken|nobodys)"):
            target.put("events/a", file)


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("lake", ""),
        ("file://host/x", ""),
        ("file:///", ""),
        ("s3:///prefix", ""),
        ("gs://bucket", ""),
        ("s3://lake", "minio:9000"),
        ("s3://lake", "ftp://minio"),
    ],
)
def test_addresses_that_are_none(url: str, endpoint: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_WAREHOUSE"):
        open_target(url, endpoint)
