"""Trains a model as a job of Amazon SageMaker.

Nothing of it lasts there: the rows and the result are deleted as soon as the job is over, however it ended. An erasure
deletes them at once, and a model of rows that were deleted meanwhile counts as none.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Sequence

import polars as pl
import structlog

from coursepulse.insight.features import Feature, features_hash
from coursepulse.insight.risk.model import StaleModel
from coursepulse.insight.risk.train import Trained, into_parts
from coursepulse.insight.sagemaker.address import SageMakerAddress
from coursepulse.insight.sagemaker.cloud import Cloud, CloudJob, CloudUnavailable
from coursepulse.insight.sagemaker.exchange import ForeignResult, pack_rows, read_result, untar
from coursepulse.insight.trainers import TrainingFailed
from coursepulse.kit.clock import Clock, from_micros
from coursepulse.kit.errors import StoreUnavailable
from coursepulse.privacy.erasable import DataSubject, Erased, ErasureMode

_log = structlog.get_logger(__name__)

#: Seconds until the first look at a job, by how much longer each next wait is, and the longest.
_FIRST_LOOK, _LONGER, _LAST_LOOK = 5.0, 1.5, 60.0

#: Looks in a row that may fail: Amazon is away for minutes now and then, and the job goes on.
_MOST_FAILURES = 10

#: The parameter by which the container knows that it understands the rows.
FEATURES_PARAMETER = "features"

#: The file of the rows.
ROWS = "rows.parquet"


class SageMakerTrainer:
    """One job at a time.

    :param cloud: the requests
    :param wait: waits for some seconds; true when the process ends meanwhile
    """

    def __init__(
        self, address: SageMakerAddress, cloud: Cloud, wait: Callable[[float], bool], clock: Clock
    ) -> None:
        self._home = f"{address.prefix}/training".lstrip("/")
        self._cloud, self._wait, self._clock = cloud, wait, clock
        # A planned training and one that somebody asked for may meet.
        self._one = threading.Lock()

    def train(self, rows: pl.DataFrame, features: Sequence[Feature]) -> Trained:
        parts = into_parts(rows)
        with self._one:
            return self._train(parts, features)

    def _train(self, parts: pl.DataFrame, features: Sequence[Feature]) -> Trained:
        name = f"coursepulse-{from_micros(self._clock()):%Y%m%d-%H%M%S}-{secrets.token_hex(3)}"
        try:
            # What an earlier process that was killed has left.
            self._cloud.clear(f"{self._home}/")
            files = self._run(name, pack_rows(parts, features), features_hash(features))
            return read_result(files, parts, features)
        except StaleModel:
            raise TrainingFailed(
                f"The image of job {name} has other features than this server. Use the image of this release."
            ) from None
        except (CloudUnavailable, ForeignResult) as error:
            raise TrainingFailed(f"No model was trained on SageMaker. {error}") from None
        finally:
            self._clear_away()

    def _run(self, name: str, rows: bytes, features: str) -> dict[str, bytes]:
        home = f"{self._home}/{name}"
        self._cloud.put(f"{home}/rows/{ROWS}", rows)
        self._cloud.begin(name, f"{home}/rows/", f"{home}/result", {FEATURES_PARAMETER: features})
        _log.info("training_begun", job=name, bytes=len(rows))
        job = self._await(name)
        if job.status != "Completed":
            raise TrainingFailed(
                f"SageMaker's job {name} ended as {job.status}: {job.reason or 'no reason given'}"
            )
        if not self._cloud.holds(f"{home}/rows/{ROWS}"):
            raise TrainingFailed(
                "Somebody was erased while the model was trained with them. It is trained again."
            )
        return untar(self._cloud.read(job.result))

    def _await(self, name: str) -> CloudJob:
        pause, failures = _FIRST_LOOK, 0
        while True:
            if self._wait(pause):
                self._end(name)
                raise TrainingFailed(f"The server stopped, and SageMaker's job {name} with it.")
            pause = min(_LAST_LOOK, pause * _LONGER)
            try:
                job = self._cloud.look(name)
            except CloudUnavailable as error:
                failures += 1
                if failures >= _MOST_FAILURES:
                    self._end(name)
                    raise TrainingFailed(
                        f"Nothing more is known of SageMaker's job {name}. {error}"
                    ) from None
                continue
            failures = 0
            if job.over:
                return job

    def _end(self, name: str) -> None:
        try:
            self._cloud.end(name)
        except CloudUnavailable as error:
            _log.warning("training_not_ended", job=name, reason=str(error))

    def _clear_away(self) -> None:
        try:
            self._cloud.clear(f"{self._home}/")
        except CloudUnavailable as error:
            # The next training tries again, and so does an erasure.
            _log.warning("training_rows_remain", reason=str(error))

    def erase(self, who: DataSubject, mode: ErasureMode) -> list[Erased]:  # noqa: ARG002 - rows name nobody
        """Delete all rows there are: which of them are about a student they do not say.

        :raises StoreUnavailable: when Amazon does not answer; the erasure goes on later
        """
        try:
            gone = self._cloud.clear(f"{self._home}/")
        except CloudUnavailable as error:
            raise StoreUnavailable(str(error)) from None
        return [Erased("training rows", gone, "all rows on Amazon S3, if a model was being trained")]
