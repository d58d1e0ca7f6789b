"""What every registry does: one suite over a folder and over a real MLflow server."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from coursepulse.insight.registry import (
    DamagedModel,
    FileRegistry,
    MlflowRegistry,
    ModelRegistry,
    NoSuchModel,
    RegistryUnavailable,
    open_registry,
)
from coursepulse.kit.errors import SettingError
from tests.insight.mlflow_server import running_mlflow

AT, LATER = "2030-01-01T00:00:00+00:00", "2030-02-01T00:00:00+00:00"
FILES = {"scorer.txt": b"tree\n", "card.json": b"{}"}

_numbers = count()


@pytest.fixture(scope="module", params=["file", pytest.param("mlflow", marks=pytest.mark.models)])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("registry")
    if request.param == "file":
        yield f"file://{folder}"
        return
    with running_mlflow(folder) as address:
        yield f"mlflow://{address}"


@pytest.fixture
def registry(url: str) -> ModelRegistry:
    return open_registry(url)


@pytest.fixture
def name() -> str:
    return f"risk-{next(_numbers)}"


def test_what_is_published_can_be_read(registry: ModelRegistry, name: str) -> None:
    first = registry.publish(name, FILES, AT)
    second = registry.publish(name, {"scorer.txt": b"other"}, LATER)
    assert (first, second) == (1, 2)
    assert registry.read(name, first) == FILES
    assert registry.read(name, second) == {"scorer.txt": b"other"}
    assert [(each.number, each.at) for each in registry.versions(name)] == [(2, LATER), (1, AT)]


def test_nothing_is_shown_before_it_is_promoted(registry: ModelRegistry, name: str) -> None:
    assert registry.champion(name) is None
    assert registry.versions(name) == []
    assert registry.history(name) == []
    registry.publish(name, FILES, AT)
    assert registry.champion(name) is None
    registry.promote(name, 1, AT)
    assert registry.champion(name) == 1


def test_a_champion_is_rolled_back_to_the_one_before(registry: ModelRegistry, name: str) -> None:
    for number in (1, 2, 3):
        registry.publish(name, FILES, AT)
        registry.promote(name, number, AT)
    assert [each.number for each in registry.history(name)] == [3, 2, 1]
    assert registry.roll_back(name) == 2
    assert registry.champion(name) == 2
    assert registry.roll_back(name) == 1
    with pytest.raises(NoSuchModel, match="before"):
        registry.roll_back(name)
    assert registry.champion(name) == 1


def test_another_process_sees_the_same(registry: ModelRegistry, url: str, name: str) -> None:
    registry.publish(name, FILES, AT)
    registry.promote(name, 1, LATER)
    other = open_registry(url)
    assert other.champion(name) == 1
    assert [(each.number, each.at) for each in other.history(name)] == [(1, LATER)]
    assert other.read(name, 1) == FILES


def test_what_was_never_published(registry: ModelRegistry, name: str) -> None:
    with pytest.raises(NoSuchModel):
        registry.read(name, 1)
    registry.publish(name, FILES, AT)
    with pytest.raises(NoSuchModel):
        registry.promote(name, 7, AT)
    assert registry.champion(name) is None


@pytest.mark.parametrize("wrong", ["../risk", "", "Risk", "a/b", "x" * 70])
def test_names_that_would_leave_the_registry(registry: ModelRegistry, wrong: str) -> None:
    with pytest.raises(NoSuchModel, match="called"):
        registry.publish(wrong, FILES, AT)


def test_files_that_would_leave_the_registry(registry: ModelRegistry, name: str) -> None:
    with pytest.raises(NoSuchModel, match="called"):
        registry.publish(name, {"../x.txt": b""}, AT)
    assert registry.versions(name) == []


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    registry = FileRegistry(tmp_path)
    registry.publish("risk", FILES, AT)
    (tmp_path / "risk/1/scorer.txt").write_bytes(b"tree\nevil")
    with pytest.raises(DamagedModel, match=r"scorer\.txt"):
        registry.read("risk", 1)
    (tmp_path / "risk/1/scorer.txt").unlink()
    with pytest.raises(DamagedModel, match="missing"):
        registry.read("risk", 1)


def test_a_publication_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = FileRegistry(tmp_path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        registry.publish("risk", FILES, AT)
    assert list((tmp_path / "risk").iterdir()) == []


def test_two_who_publish_at_once_get_two_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    registry = FileRegistry(tmp_path)
    registry.publish("risk", FILES, AT)
    # As if another process had taken the next number since this one looked.
    (tmp_path / "risk/2").mkdir()
    (tmp_path / "risk/2/manifest.json").write_bytes((tmp_path / "risk/1/manifest.json").read_bytes())
    monkeypatch.setattr(registry, "_numbers", lambda _: [1])
    assert registry.publish("risk", FILES, AT) == 3


@pytest.mark.parametrize("wrong", ["s3://models", "file://host/x", "mlflow://", "models", "http://x:1"])
def test_addresses_that_are_none(wrong: str) -> None:
    with pytest.raises(SettingError, match="mlflow://host:port"):
        open_registry(wrong)


def test_a_server_that_does_not_answer() -> None:
    registry = MlflowRegistry("http://127.0.0.1:9")
    with pytest.raises(RegistryUnavailable, match="127"):
        registry.champion("risk")


@pytest.mark.parametrize("answer", [httpx.Response(200, text="<html>"), httpx.Response(502, text="<html>")])
def test_a_server_that_is_no_mlflow(answer: httpx.Response) -> None:
    registry = MlflowRegistry("http://models", httpx.MockTransport(lambda _: answer))
    with pytest.raises(RegistryUnavailable, match="models"):
        registry.champion("risk")
