from __future__ import annotations

from pathlib import Path

import pytest

from coursepulse.kit.sql import Queries

PACKAGES = (
    "coursepulse.store.postgres.queries",
    "coursepulse.store.clickhouse.queries",
)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "queries_for_test").mkdir()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "queries_for_test"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_file_says_what_it_is_for(package: str) -> None:
    queries = Queries(package)
    assert queries
    assert all(queries.description(name).endswith(".") for name in queries)


def test_files_come_in_the_order_of_their_names(package: Path) -> None:
    for name in ("0002_b", "0010_c", "0001_a"):
        (package / f"{name}.sql").write_text(f"-- {name}.\nSELECT 1")
    queries = Queries(package.name)
    assert list(queries) == ["0001_a", "0002_b", "0010_c"]
    assert queries.description("0010_c") == "0010_c."


def test_a_file_without_a_description_is_refused(package: Path) -> None:
    (package / "bare.sql").write_text("SELECT 1")
    with pytest.raises(ValueError, match=r"bare\.sql"):
        Queries(package.name)
