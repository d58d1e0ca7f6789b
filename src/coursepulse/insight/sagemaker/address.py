"""Where models are trained outside of this server, as a setting says it."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from coursepulse.kit.errors import SettingError

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_KNOWN = {"role", "image", "instance", "minutes"}


class SageMakerAddress(NamedTuple):
    """Where training happens, by whom, and how long it may take.

    :param prefix: of everything in the bucket, without slashes around it
    :param role: the ARN of the role that the job takes on; it needs the bucket and the image alone
    :param image: the address in Amazon ECR of the image that trains
    :param instance: such as ``ml.m5.large``
    :param minutes: after which a job is broken off
    """

    region: str
    bucket: str
    prefix: str
    role: str
    image: str
    instance: str = "ml.m5.large"
    minutes: int = 60


def read_address(url: str) -> SageMakerAddress:
    """The address of ``sagemaker://REGION/BUCKET/PREFIX?role=ARN&image=IMAGE``, also with ``instance`` and ``minutes``.

    :raises SettingError: for any other
    """
    parts = urlsplit(url)
    bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
    wishes = dict(parse_qsl(parts.query))
    minutes = wishes.pop("minutes", "60")
    fits = parts.scheme == "sagemaker" and _REGION.fullmatch(parts.netloc) and bucket
    complete = wishes.keys() <= _KNOWN and wishes.get("role") and wishes.get("image")
    if not (fits and complete and minutes.isdecimal() and 5 <= int(minutes) <= 24 * 60):
        raise SettingError(
            "COURSEPULSE_TRAINING must look like sagemaker://eu-central-1/bucket/prefix?role=ARN&image=ADDRESS, also "
            "with instance=ml.m5.large and minutes=60 (5 to 1440)."
        )
    return SageMakerAddress(parts.netloc, bucket, prefix, **wishes, minutes=int(minutes))
