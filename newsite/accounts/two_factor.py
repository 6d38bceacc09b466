"""The second factor: codes from an authenticator app (TOTP), and recovery codes for the day the phone is gone.

django-otp checks the codes: each is good once, one step of 30 seconds early or late, and after n wrong ones in a row
the next is looked at 2^(n-1) seconds later. Recovery codes are kept as keyed hashes and shown once; another SECRET_KEY
makes them useless.
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
    """With a sentence for whoever typed it."""


def has_two_factor(user: User) -> bool:
    return TOTPDevice.objects.filter(user=user, confirmed=True).exists()


def provisioning_uri(key: str, user: User) -> str:
    """What an authenticator app reads from the QR code."""
    return str(TOTPDevice(user=user, key=key).config_url)


def base32_key(key: str) -> str:
    """For an app that has no camera."""
    return b32encode(bytes.fromhex(key)).decode()


def qr_code(text: str) -> str:
    """An SVG without a size of its own; black on white also in the dark, or no phone reads it."""
    return segno.make(text, error="m").svg_inline(omitsize=True, dark="#000", light="#fff", border=3)


@transaction.atomic
def enable_two_factor(user: User, *, key: str, code: str) -> tuple[Device, list[str]]:
    """The device that is asked of the user from now on, and new recovery codes. `code` proves that the app has the key.

    Raises WrongCode, also for a user who has a factor: it is taken away first, by its own code.
    """
    User.objects.select_for_update().get(pk=user.pk)  # two at once: the second finds the first
    if has_two_factor(user):
        raise WrongCode(_("Two-factor authentication is already on."))
    device = TOTPDevice(user=user, name="app", key=key)
    if not device.verify_token(code):  # which saves what failed, and the error takes that back
        raise WrongCode(_("Wrong code. Check that your phone’s clock is right."))
    return device, new_recovery_codes(user)


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """The earlier ones are good no more."""
    device = StaticDevice.objects.filter(user=user).first() or StaticDevice.objects.create(user=user, name="recovery")
    device.token_set.all().delete()
    codes = [StaticToken.random_token() for _number in range(RECOVERY_CODE_COUNT)]
    StaticToken.objects.bulk_create([StaticToken(device=device, token=_hash(code)) for code in codes])
    return [f"{code[:4]}-{code[4:]}" for code in codes]


def recovery_codes_left(user: User) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def verify_code(user: User, typed: str) -> Device:
    """The device whose code this is: of the app, or a recovery code, which is good no more. Raises WrongCode."""
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
    """The factor and the recovery codes; whether there was one. Whoever came in with them has to come in again."""
    StaticDevice.objects.filter(user=user).delete()
    return bool(TOTPDevice.objects.filter(user=user).delete()[0])


def _hash(code: str) -> str:
    """As much as the column holds: 64 bits."""
    return salted_hmac("newsite.accounts.two_factor.recovery", code, algorithm="sha256").hexdigest()[:16]
