"""Plays the instance that a training job runs on: what Amazon emulated does not do.

It gives the container its folders, starts it with the word ``train``, and packs what it leaves.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from moto.sagemaker.models import sagemaker_backends
from typer.testing import CliRunner

from coursepulse.cli.main import app
from tests.support.amazon import REGION


class PlayedInstance:
    """Runs the jobs that were created since it last looked. Called as the trainer waits.

    :param root: where the folders of each job are made
    """

    def __init__(self, root: Path) -> None:
        import boto3

        self._root, self._s3 = root, boto3.client("s3")
        self._done = set(sagemaker_backends["123456789012"][REGION].training_jobs)
        self.jobs: list[Any] = []

    def __call__(self, seconds: float) -> bool:
        assert 0 < seconds <= 60
        for name, job in list(sagemaker_backends["123456789012"][REGION].training_jobs.items()):
            if name not in self._done:
                self._done.add(name)
                self.jobs.append(job)
                self._run(self._root / name, job)
        return False

    def _run(self, home: Path, job: Any) -> None:
        _write(home / "input/config/hyperparameters.json", json.dumps(job.hyper_parameters).encode())
        for channel in job.input_data_config:
            self._fetch(
                home / "input/data" / channel["ChannelName"], channel["DataSource"]["S3DataSource"]["S3Uri"]
            )
        (home / "model").mkdir()
        self.work(home)
        if (home / "output/failure").exists():
            job.training_job_status = "Failed"
            job.failure_reason = "AlgorithmError: " + (home / "output/failure").read_text()
            return
        place = urlsplit(job.model_artifacts["S3ModelArtifacts"])
        self._s3.put_object(Bucket=place.netloc, Key=place.path[1:], Body=packed(home / "model"))

    def work(self, home: Path) -> None:
        """What the container does."""
        CliRunner().invoke(app, ["sagemaker", "train", "--root", str(home)])

    def _fetch(self, folder: Path, url: str) -> None:
        place = urlsplit(url)
        found = self._s3.list_objects_v2(Bucket=place.netloc, Prefix=place.path[1:])
        for each in found.get("Contents", ()):
            content = self._s3.get_object(Bucket=place.netloc, Key=each["Key"])["Body"].read()
            _write(folder / Path(each["Key"]).name, content)


def packed(folder: Path) -> bytes:
    """A folder as ``model.tar.gz``."""
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        archive.add(folder, arcname=".")
    return file.getvalue()


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
