"""Training as a job of SageMaker: the same model as here, nothing left behind, and a clear word where it fails."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from coursepulse.insight.features import FEATURES
from coursepulse.insight.models_kept import ModelsKept
from coursepulse.insight.registry import FileRegistry
from coursepulse.insight.risk.labels import Horizon
from coursepulse.insight.sagemaker.address import read_address
from coursepulse.insight.sagemaker.cloud import Cloud
from coursepulse.insight.sagemaker.exchange import ForeignResult, read_result, untar
from coursepulse.insight.sagemaker.trainer import SageMakerTrainer
from coursepulse.insight.training import RiskTraining
from coursepulse.insight.upkeep import Upkeep
from coursepulse.kit.clock import HOUR, MINUTE
from coursepulse.kit.errors import SettingError, StoreUnavailable
from coursepulse.kit.settings import Settings
from coursepulse.privacy.erasable import DataSubject, ErasureMode
from coursepulse.store.postgres.connect import Pool
from coursepulse.wiring.components import Components
from coursepulse.wiring.warehouse import erasures_outside
from tests.insight.sagemaker_instance import PlayedInstance, packed
from tests.insight.test_training import Campus, clock
from tests.support.amazon import running_amazon

ADDRESS = (
    "sagemaker://eu-central-1/models/at risk?role=arn:aws:iam::123456789012:role/trains"
    "&image=123456789012.dkr.ecr.eu-central-1.amazonaws.com/coursepulse-sagemaker:1&minutes=30"
)


WHO = DataSubject(student=b"s" * 16, replacement=b"r" * 16, salt="salt")


@pytest.fixture(scope="module", autouse=True)
def amazon() -> Iterator[None]:
    with running_amazon("models") as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", address)
        yield


@pytest.fixture(scope="module")
def campus() -> Campus:
    return Campus(120)


class Bench:
    """A server that trains outside, and the instance that it trains on."""

    def __init__(
        self, pool: Pool, campus: Campus, folder: Path, instance: PlayedInstance | None = None
    ) -> None:
        self.instance = instance or PlayedInstance(folder)
        self.kept, self.now = ModelsKept(pool), clock()
        address = read_address(ADDRESS)
        self.trainer = SageMakerTrainer(address, Cloud(address), self.instance, lambda: self.now)
        self.training = RiskTraining(
            campus,
            self.kept,
            FileRegistry(folder / "models"),
            lambda: self.now,
            Horizon(),
            Upkeep(pool),
            trainer=self.trainer,
        )


def left_behind() -> list[str]:
    import boto3

    found = boto3.client("s3").list_object_versions(Bucket="models")
    return [each["Key"] for each in found.get("Versions", ())]


def test_a_model_that_is_trained_there_is_the_one_that_is_trained_here(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    there = Bench(pool, campus, tmp_path)
    assert there.training.run().startswith("Model")
    [first] = there.kept.all()
    assert left_behind() == []
    [job] = there.instance.jobs
    assert (job.enable_network_isolation, job.stopping_condition) == (True, {"MaxRuntimeInSeconds": 1800})
    [sent] = tmp_path.rglob("rows.parquet")
    rows = pl.read_parquet(sent)
    names = {each.name for each in FEATURES}
    assert set(rows.columns) - names == {"dated", "period", "part", "lost"}
    assert not rows.select(pl.col(pl.Binary)).columns
    assert set(rows["part"].unique()) == set(rows["period"].unique())

    files = {each.name: each.read_bytes() for each in (sent.parents[3] / "model").iterdir()}
    with pytest.raises(ForeignResult, match="does not fit the rows"):
        read_result(files, rows.head(200), FEATURES)

    here = RiskTraining(campus, there.kept, FileRegistry(tmp_path / "models"), clock, Horizon(), Upkeep(pool))
    here.run()
    second = next(each for each in there.kept.all() if each.model != first.model)
    for part in (
        "contenders",
        "quality",
        "by_course",
        "calibration",
        "reliability",
        "rows",
        "students",
        "features",
    ):
        assert first.card[part] == second.card[part], part


def test_why_a_job_failed_is_said_and_it_is_tried_again_after_an_hour(
    pool: Pool, campus: Campus, tmp_path: Path
) -> None:
    class Broken(PlayedInstance):
        def work(self, home: Path) -> None:
            (home / "output").mkdir()
            (home / "output/failure").write_text("no memory left")

    server = Bench(pool, campus, tmp_path, Broken(tmp_path))
    said = server.training.run()
    assert "ended as Failed: AlgorithmError: no memory left" in said
    assert Upkeep(pool).read().told == said
    assert (server.kept.all(), left_behind()) == ([], [])
    server.now += HOUR - MINUTE
    assert server.training.run_if_due() == ""
    server.now += MINUTE
    assert "no memory left" in server.training.run_if_due()
    assert len(server.instance.jobs) == 2


def test_an_image_of_another_release_says_so(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    class Older(PlayedInstance):
        def work(self, home: Path) -> None:
            (home / "input/config/hyperparameters.json").write_text('{"features": "of another release"}')
            super().work(home)

    said = Bench(pool, campus, tmp_path, Older(tmp_path)).training.run()
    assert "Use the image of its release" in said


def test_nobody_who_was_erased_meanwhile_is_in_a_model(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    class Interrupted(PlayedInstance):
        def work(self, home: Path) -> None:
            assert any(key.endswith("rows.parquet") for key in left_behind())
            parts = Components(Settings(data=tmp_path, training=ADDRESS))
            with parts.closing:
                [outside] = erasures_outside(parts)
                [line] = outside.erase(WHO, ErasureMode.DELETE)
            assert (line.store, line.rows) == ("training rows", 1)
            assert left_behind() == []

    server = Bench(pool, campus, tmp_path, Interrupted(tmp_path))
    assert "was erased while" in server.training.run()
    assert (server.kept.all(), left_behind()) == ([], [])


def test_a_server_that_stops_waits_for_nobody(pool: Pool, campus: Campus, tmp_path: Path) -> None:
    class Stopping(PlayedInstance):
        def __call__(self, seconds: float) -> bool:
            return True

    said = Bench(pool, campus, tmp_path, Stopping(tmp_path)).training.run()
    assert "The server stopped" in said
    assert left_behind() == []


def test_what_is_too_little_costs_no_job(pool: Pool, tmp_path: Path) -> None:
    server = Bench(pool, Campus(4), tmp_path)
    assert "at least 50 rows" in server.training.run()
    assert server.instance.jobs == []


def test_without_credentials_it_says_what_to_set(
    pool: Pool, campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("HOME", str(tmp_path))
    server = Bench(pool, campus, tmp_path, PlayedInstance(tmp_path))
    assert "set AWS_ACCESS_KEY_ID" in server.training.run()


def test_an_amazon_that_is_away_holds_an_erasure_up(
    pool: Pool, campus: Campus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    server = Bench(pool, campus, tmp_path)
    assert "Amazon does not answer" in server.training.run()
    with pytest.raises(StoreUnavailable, match="Amazon"):
        server.trainer.erase(WHO, ErasureMode.DELETE)


@pytest.mark.parametrize("made", ["nothing", "a text", "too little"])
def test_what_comes_back_is_checked(pool: Pool, campus: Campus, tmp_path: Path, made: str) -> None:
    class Odd(PlayedInstance):
        def work(self, home: Path) -> None:
            texts = {"a text": "hello", "too little": '{"contenders": {}, "held_out": [0.5]}'}
            if made in texts:
                (home / "model/training.json").write_text(texts[made])

    server = Bench(pool, campus, tmp_path, Odd(tmp_path))
    assert "No model was trained on SageMaker. What came back" in server.training.run()
    assert server.kept.all() == []


def test_an_archive_is_read_without_writing_anything(tmp_path: Path) -> None:
    with pytest.raises(ForeignResult, match="no archive"):
        untar(b"x")
    (tmp_path / "in").mkdir()
    (tmp_path / "in/model.json").write_text("{}")
    (tmp_path / "in/link").symlink_to("/etc/passwd")
    assert untar(packed(tmp_path / "in")) == {"model.json": b"{}"}
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for nth in range(9):
            archive.addfile(tarfile.TarInfo(f"{nth}.txt"))
    with pytest.raises(ForeignResult, match="larger"):
        untar(file.getvalue())


@pytest.mark.parametrize(
    "wrong",
    [
        "sagemaker://eu-central-1/models",
        "sagemaker://models?role=r&image=i",
        "sagemaker://eu-central-1?role=r&image=i",
        "sagemaker://eu-central-1/models?role=r&image=i&minutes=4",
        "sagemaker://eu-central-1/models?role=r&image=i&size=large",
        "https://eu-central-1/models?role=r&image=i",
    ],
)
def test_addresses_that_are_none(wrong: str) -> None:
    with pytest.raises(SettingError, match="COURSEPULSE_TRAINING must look like"):
        read_address(wrong)
