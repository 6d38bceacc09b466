"""Two-factor authentication: codes of an authenticator app (TOTP), and recovery codes for a lost phone.

django-otp checks the codes. Each code is valid once, one step of 30 seconds early or late. After n wrong codes in a
row, the next one is checked only after 2^(n-1) seconds. Recovery codes are stored as keyed hashes and shown once; a
new SECRET_KEY invalidates them.
"""

from __future__ import annotations

from base64 import b32encode
from math import ceil
from typing import TYPE_CHECKING

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
import segno

if TYPE_CHECKING:
    from django_otp.models import Device

RECOVERY_CODE_COUNT = 10
_DIGITS = 6


class WrongCode(Exception):
    """Error with a message for the user."""


def has_two_factor(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def provisioning_uri(key: str, user: User) -> str:
    """Return the URI that authenticator apps read from the QR code."""
    return str(TOTPDevice(user=user, key=key).config_url)


def base32_key(key: str) -> str:
    """Return the key for apps without a camera."""
    return b32encode(bytes.fromhex(key)).decode()


def qr_code(text: str) -> str:
    """Return an SVG without fixed size; black on white also in dark mode, as phones require."""
    return segno.make(text, error="m").svg_inline(omitsize=True, dark="#000", light="#fff", border=3)


@transaction.atomic
def enable_two_factor(user: User, *, key: str, code: str) -> tuple[Device, list[str]]:
    """Return the new device and new recovery codes. The code proves that the app has the key.

    Raise WrongCode, also if the user has a device already. It must be turned off first, with a code of its own.
    """
    User.objects.select_for_update().get(pk=user.pk)  # of two concurrent calls, the second one finds the device
    if has_two_factor(user):
        raise WrongCode(_("Two-factor authentication is already on."))
    device = TOTPDevice(user=user, name="app", key=key)
    if not device.verify_token(code):  # it saves the failure, which the exception rolls back
        raise WrongCode(_("Wrong code. Check that your phone’s clock is right."))
    return device, new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """Replace the recovery codes."""
    device = StaticDevice.objects.filter(user=user).first() or StaticDevice.objects.create(user=user, name="recovery")
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODE_COUNT)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_hash(code)) for code in codes])
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def verify_code(user: User, typed: str) -> Device:
    """Return the device of the code: the app, or a recovery code, which is used up.

    Raise WrongCode.
    """
    code = "".join(typed.split()).replace("-", "").casefold()
    is_of_app = code.isdecimal() and len(code) == _DIGITS
    devices = TOTPDevice.objects.filter(confirmed=True) if is_of_app else StaticDevice.objects.all()
    device = devices.filter(user=user).first()
    if device is None:
        raise WrongCode(_("Wrong code."))
    is_allowed, why = device.verify_is_allowed()
    if not is_allowed:
        seconds = ceil((why["locked_until"] - timezone.now()).total_seconds())
        text = ngettext("Try again in %d second.", "Try again in %d seconds.", seconds) % seconds
        raise WrongCode(_("Too many wrong codes.") + " " + text)
    if not verify_token(user, device.persistent_id, code if is_of_app else _hash(code)):
        raise WrongCode(_("Wrong code, or it has already been used."))
    return device


@transaction.atomic
def disable_two_factor(user: User) -> bool:
    """Delete the device and the recovery codes; return whether there was a device.

    Sessions that were verified with them must log in again.
    """
    StaticDevice.objects.filter(user=user).delete()
    return bool(TOTPDevice.objects.filter(user=user).delete()[0])


def _hash(code: str) -> str:
    """Return a hash of 64 bits, the size of the column."""
    return salted_hmac("newsite.accounts.two_factor.recovery", code, algorithm="sha256").hexdigest()[:16]
