"""Encryption of readers' addresses and browser names, which are stored only until they have been sent.

The key is derived from SECRET_KEY. Data encrypted with one of SECRET_KEY_FALLBACKS can still be decrypted.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
import json

from django.conf import settings

try:
    from cryptography.fernet import Fernet, InvalidToken, MultiFernet
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF
except ImportError:  # an optional extra: the settings require it if AKISMET_KEY is set
    pass


class DecryptionError(Exception):
    """The data was encrypted with an unknown SECRET_KEY."""


def encrypt(values: dict[str, str]) -> str:
    return _fernet().encrypt(json.dumps(values).encode()).decode()


def decrypt(sealed: str) -> dict[str, str]:
    """Decrypt the values. Raise DecryptionError."""
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
