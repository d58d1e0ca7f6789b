"""The few requests to Amazon S3 and SageMaker, with errors that say what to do.

Who asks is found as every program of Amazon's finds it: ``AWS_ACCESS_KEY_ID`` and so on, a profile, or the role of the
machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from coursepulse.insight.sagemaker.address import SageMakerAddress
from coursepulse.kit.errors import CoursepulseError, SettingError

#: Seconds to connect, and for an answer.
_PATIENCE = 20

#: Bytes of a result; a model has some hundred thousand.
_LARGEST = 256 << 20

_OVER = ("Completed", "Failed", "Stopped")


class CloudUnavailable(CoursepulseError):
    """Amazon does not answer, or refuses."""


class CloudJob(NamedTuple):
    """How a training job stands.

    :param reason: why it failed, in Amazon's words
    :param result: where its files are, as ``s3://bucket/key``
    """

    status: str
    reason: str
    result: str

    @property
    def over(self) -> bool:
        """Whether nothing more happens."""
        return self.status in _OVER


class Cloud:
    """Every method raises CloudUnavailable when Amazon does not answer or refuses.

    :raises SettingError: when boto3 is not installed
    """

    def __init__(self, address: SageMakerAddress) -> None:
        self._address = address
        self._s3, self._jobs = _client("s3", address.region), _client("sagemaker", address.region)

    def put(self, key: str, content: bytes) -> None:
        """Keep an object."""
        with _translated(f"writing to s3://{self._address.bucket}"):
            self._s3.put_object(Bucket=self._address.bucket, Key=key, Body=content)

    def read(self, url: str) -> bytes:
        """The content of ``s3://bucket/key``."""
        bucket, _, key = url.removeprefix("s3://").partition("/")
        with _translated(f"reading {url}"):
            answer = self._s3.get_object(Bucket=bucket, Key=key)
            if answer["ContentLength"] > _LARGEST:
                raise CloudUnavailable(f"{url} is larger than a model can be.")
            content: bytes = answer["Body"].read()
            return content

    def holds(self, key: str) -> bool:
        """Whether there is an object."""
        with _translated(f"listing s3://{self._address.bucket}"):
            found = self._s3.list_objects_v2(Bucket=self._address.bucket, Prefix=key)
        return any(each["Key"] == key for each in found.get("Contents", ()))

    def clear(self, prefix: str) -> int:
        """Delete everything below a prefix, with all earlier versions; returns how many objects went."""
        bucket, gone = self._address.bucket, 0
        with _translated(f"deleting from s3://{bucket}"):
            for page in self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
                for each in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                    self._s3.delete_object(Bucket=bucket, Key=each["Key"], VersionId=each["VersionId"])
                    gone += 1
        return gone

    def begin(self, name: str, source: str, target: str, parameters: Mapping[str, str]) -> None:
        """Start a training job, which reaches nothing but its data.

        :param source: the prefix of the data
        :param target: the prefix of the result
        """
        to = self._address
        with _translated("CreateTrainingJob"):
            self._jobs.create_training_job(
                TrainingJobName=name,
                RoleArn=to.role,
                AlgorithmSpecification={"TrainingImage": to.image, "TrainingInputMode": "File"},
                HyperParameters=dict(parameters),
                InputDataConfig=[
                    {"ChannelName": "rows", "DataSource": {"S3DataSource": _below(to.bucket, source)}}
                ],
                OutputDataConfig={"S3OutputPath": f"s3://{to.bucket}/{target}"},
                ResourceConfig={"InstanceType": to.instance, "InstanceCount": 1, "VolumeSizeInGB": 10},
                StoppingCondition={"MaxRuntimeInSeconds": 60 * to.minutes},
                EnableNetworkIsolation=True,
            )

    def look(self, name: str) -> CloudJob:
        """How a job stands."""
        with _translated("DescribeTrainingJob"):
            found = self._jobs.describe_training_job(TrainingJobName=name)
        result = found.get("ModelArtifacts", {}).get("S3ModelArtifacts", "")
        return CloudJob(found["TrainingJobStatus"], found.get("FailureReason", ""), result)

    def end(self, name: str) -> None:
        """Stop a job."""
        with _translated("StopTrainingJob"):
            self._jobs.stop_training_job(TrainingJobName=name)


def _below(bucket: str, prefix: str) -> dict[str, str]:
    return {
        "S3DataType": "S3Prefix",
        "S3Uri": f"s3://{bucket}/{prefix}",
        "S3DataDistributionType": "FullyReplicated",
    }


def _client(service: str, region: str) -> Any:
    try:
        import boto3  # noqa: PLC0415 - an extra
        from botocore.config import Config  # noqa: PLC0415
    except ImportError:
        raise SettingError("COURSEPULSE_TRAINING needs: pip install 'coursepulse[sagemaker]'.") from None
    patience = Config(
        connect_timeout=_PATIENCE, read_timeout=_PATIENCE, retries={"max_attempts": 3, "mode": "standard"}
    )
    # A session of its own: the common one keeps the credentials that it found first.
    return boto3.Session().client(service, region_name=region, config=patience)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    from botocore.exceptions import (  # noqa: PLC0415 - an extra
        BotoCoreError,
        ClientError,
        NoCredentialsError,
        PartialCredentialsError,
    )

    try:
        yield
    except (NoCredentialsError, PartialCredentialsError):
        raise CloudUnavailable(
            "There are no credentials for Amazon: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
            "or give the machine a role."
        ) from None
    except ClientError as error:
        told = error.response.get("Error", {})
        raise CloudUnavailable(
            f"Amazon refuses {doing}: {told.get('Code')}, {str(told.get('Message')).rstrip('.')}."
        ) from None
    except BotoCoreError as error:
        raise CloudUnavailable(f"Amazon does not answer ({doing}): {error}.") from None
