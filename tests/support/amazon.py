"""Amazon's services on loopback, as moto emulates them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"


@contextmanager
def running_amazon(*buckets: str) -> Iterator[str]:
    """The address of a server with some buckets; whoever asks has credentials."""
    import boto3

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    names = {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "DEFAULT_REGION": REGION}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(f"AWS_{name}", value)
        client = boto3.client("s3", endpoint_url=address)
        for bucket in buckets:
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield address
    server.stop()
