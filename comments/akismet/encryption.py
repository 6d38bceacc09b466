"""Encryption of what we keep only until it has been sent: the address and the browser of whoever wrote a comment.

The key comes from SECRET_KEY; what SECRET_KEY_FALLBACKS sealed can still be read.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
import json

from django.conf import settings

try:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:  # an extra: without it AKISMET_KEY stops the start, and nothing here is called
    pass


class DecryptionError(Exception):
    """It was sealed with a SECRET_KEY that we do not have."""


def encrypt(values: dict[str, str]) -> str:
    return _fernet().encrypt(json.dumps(values).encode()).decode()


def decrypt(sealed: str) -> dict[str, str]:
    """Raises Unreadable."""
    try:
        values: dict[str, str] = json.loads(_fernet().decrypt(sealed))
    except InvalidToken as error:
        raise DecryptionError from error
    return values


def _fernet() -> MultiFernet:
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"comments.akismet.encryption").derive(
        secret.encode()
    )
    return urlsafe_b64encode(derived)
