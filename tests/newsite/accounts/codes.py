"""Codes of an authenticator app."""

from __future__ import annotations

from html import unescape
import re

from django.contrib.auth.models import User
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from newsite.accounts.two_factor import enable_two_factor

KEY = "3132333435363738393031323334353637383930"  # of RFC 6238, appendix B


def code_of(key: str = KEY, *, step: int = 0) -> str:
    """Return the code of now, or of so many steps of 30 seconds from now."""
    return f"{TOTP(bytes.fromhex(key), drift=step).token():06}"


def with_factor(user: User) -> list[str]:
    """Set up two-factor authentication some time ago, so that the current code is unused; return the recovery codes."""
    _device, codes = enable_two_factor(user, key=KEY, code=code_of())
    TOTPDevice.objects.filter(user=user).update(last_t=-1)
    return codes


def signed_key_in(page: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', page)
    assert found
    return unescape(found[1])
