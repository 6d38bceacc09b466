"""Images in an S3-compatible bucket that all hosts share: MEDIA_STORAGE=s3://."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from typing import Any
from urllib.parse import urljoin

from boto3.exceptions import Boto3Error
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings
from django.core.files import File
from django.utils.encoding import filepath_to_uri
from storages.backends.s3 import S3Storage

from newsite.pages.media import CONTENT_TYPES, IMMUTABLE_CACHE_CONTROL

_CHECKSUM_OPTIONS = {  # only Amazon supports the newer checksums
    "request_checksum_calculation": "when_required",
    "response_checksum_validation": "when_required",
}
_TIMEOUTS = {"connect_timeout": 2, "read_timeout": 10, "retries": {"total_max_attempts": 2, "mode": "standard"}}


class MediaS3Storage(S3Storage):
    """Storage with addresses under MEDIA_URL. Raise OSError if the bucket does not respond."""

    def __init__(self, **options: Any) -> None:
        style = {"addressing_style": "path" if options.get("endpoint_url") else "auto"}
        config = Config(signature_version="s3v4", s3=style, **_TIMEOUTS, **_CHECKSUM_OPTIONS)
        transfer = TransferConfig(use_threads=False)  # files are small, and requests already run in threads
        super().__init__(file_overwrite=False, client_config=config, transfer_config=transfer, **options)

    def url(self, name: str, *args: Any, **kwargs: Any) -> str:
        return urljoin(settings.MEDIA_URL, filepath_to_uri(name))

    def get_object_parameters(self, name: str) -> dict[str, str]:
        """Return the headers that the bucket sends to direct clients."""
        type_ = CONTENT_TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        return {"ContentType": type_, "CacheControl": IMMUTABLE_CACHE_CONTROL}

    def _open(self, name: str, mode: str = "rb") -> File:
        with _raising_os_error():
            file = super()._open(name, mode)
            if "r" in mode:
                file.open()  # fetch it here, where errors are handled
            return file

    def _save(self, name: str, content: File) -> str:
        with _raising_os_error():
            return str(super()._save(name, content))

    def delete(self, name: str) -> None:
        with _raising_os_error():
            super().delete(name)

    def exists(self, name: str) -> bool:
        with _raising_os_error():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with _raising_os_error():
            return int(super().size(name))

    def listdir(self, path: str) -> tuple[list[str], list[str]]:
        with _raising_os_error():
            return super().listdir(path)


@contextlib.contextmanager
def _raising_os_error() -> Iterator[None]:
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise OSError(f"The image bucket failed: {error}") from error
