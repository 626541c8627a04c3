"""Objects behind the S3 protocol, in one bucket: another machine's store, or a provider's."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, BinaryIO

import boto3
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from registrar.errors import StoreError
from registrar.objects import PIECE, NoSuchObject, check_name
from registrar.settings import ObjectSettings

CONNECT_SECONDS, ANSWER_SECONDS, ATTEMPTS = 3.0, 10.0, 2
"""How long the store may take to be reached, and then to say something, and how often it is asked:
a booth waits 20 s for its receipt at most, and comes again."""

MOST_CONNECTIONS = 48
"""Open at once from one process; its web threads are 40."""

_MISSING = ("NoSuchKey", "404", "NotFound")
_PAST_THE_END = ("InvalidRange", "416")


class S3Objects:
    """An `ObjectStore` in a bucket. `client` is boto3's for S3, which any thread may use."""

    at_once = 16
    """A put waits for the server most of its time."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, name: str, data: bytes) -> None:
        """Keep an object: the store checks its SHA-256, and says so, or it is read back."""
        checksum = base64.b64encode(hashlib.sha256(data).digest()).decode()
        with self._told(name):
            try:
                answer = self._client.put_object(
                    **self._at(name), Body=data, ChecksumSHA256=checksum, IfNoneMatch="*"
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise
            else:
                if answer.get("ChecksumSHA256") == checksum:
                    return
        if self.get(name) != data:
            raise StoreError(
                f"{self._bucket}/{name}: is there with other bytes; nothing was changed"
            )

    def put_file(self, name: str, file: BinaryIO) -> None:
        """Keep what a file holds from its beginning: large ones in parts, each with its SHA-256."""
        file.seek(0)
        with self._told(name):
            if not self._has(name):
                self._client.upload_fileobj(
                    _Unclosed(file), self._bucket, check_name(name),
                    ExtraArgs={"ChecksumAlgorithm": "SHA256"},
                )  # fmt: skip
            file.seek(0)
            body = self._client.get_object(**self._at(name))["Body"]
            kept = hashlib.sha256()
            for piece in body.iter_chunks(PIECE):
                kept.update(piece)
        if kept.digest() != hashlib.file_digest(file, "sha256").digest():  # type: ignore[arg-type]
            raise StoreError(
                f"{self._bucket}/{name}: is there with other bytes; nothing was changed"
            )

    def get(self, name: str) -> bytes:
        """Read an object."""
        with self._told(name):
            data: bytes = self._client.get_object(**self._at(name))["Body"].read()
        return data

    def get_range(self, name: str, start: int, length: int) -> bytes:
        """Read a part of an object."""
        if length <= 0:
            return b""
        wanted = f"bytes={start}-{start + length - 1}"
        with self._told(name):
            try:
                answer = self._client.get_object(**self._at(name), Range=wanted)
            except ClientError as error:
                if error.response["Error"]["Code"] in _PAST_THE_END:
                    return b""
                raise
            data: bytes = answer["Body"].read()
        return data

    def size(self, name: str) -> int:
        """Count an object's bytes."""
        with self._told(name):
            return int(self._client.head_object(**self._at(name))["ContentLength"])

    def delete(self, name: str) -> None:
        """Remove an object."""
        with self._told(name):
            self._client.delete_object(**self._at(name))

    def names(self, prefix: str = "") -> Iterator[tuple[str, float]]:
        """Each object whose name begins with a prefix, a thousand with each request."""
        pages = self._client.get_paginator("list_objects_v2")
        with self._told(prefix):
            for page in pages.paginate(Bucket=self._bucket, Prefix=prefix):
                for row in page.get("Contents", ()):
                    made: datetime = row["LastModified"]
                    yield row["Key"], made.timestamp()

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": check_name(name)}

    def _has(self, name: str) -> bool:
        try:
            self._client.head_object(**self._at(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in _MISSING:
                return False
            raise
        return True

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        """Raise what boto3 says as StoreError with the object's name."""
        where = f"{self._bucket}/{name}"
        try:
            yield
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in _MISSING:
                raise NoSuchObject(f"{where}: is not there") from error
            if error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
                fault = f"fails ({code}); see its own log, and its disks"
            else:
                fault = f"refuses ({code}); check [objects] in registrar.toml"
            raise StoreError(f"{where}: the object store {fault}") from error
        except (BotoCoreError, Boto3Error, OSError) as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(
                f"{where}: the object store does not answer ({type(error).__name__}); see that it"
                " runs and is reached"
            ) from error


class _Unclosed:
    """A file for boto3, which closes what it has sent."""

    def __init__(self, file: BinaryIO) -> None:
        self.read, self.seek, self.tell = file.read, file.seek, file.tell

    def close(self) -> None:
        """Leave it open: it is read once more."""


def open_bucket(settings: ObjectSettings) -> S3Objects:
    """Open the bucket that is configured, which must be there. Raises UsageError."""
    client = boto3.client(
        "s3",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=settings.access_key,
        aws_secret_access_key=settings.read_secret_key(),
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            max_pool_connections=MOST_CONNECTIONS,
            s3={"addressing_style": "path"},
        ),
    )
    return S3Objects(client, settings.bucket)
