"""Pages of two-factor authentication: code entry, setup, new recovery codes, and turning it off.

They also serve users without a verified second factor. `get_user` returns the user who gave a password, and
`request.user` the user who is verified.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user, logout
from django.contrib.auth.models import User
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods
from django_otp import login as remember_device
from django_otp.models import Device
from django_otp.util import random_hex

from newsite.accounts import two_factor
from newsite.accounts.two_factor import WrongCode

NEXT = "next"
_SALT = "newsite.accounts.views.key"
_SETUP_MAX_AGE_SECONDS = 3600


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code from your authenticator app"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class RecoveryForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Recovery code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )


class CodeOrRecoveryForm(RecoveryForm):
    """Form for verified users, who must confirm a change with another code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("New code from your app, or a recovery code")


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code after the password. The other button logs out a user who has no code."""
    user = get_user(request)
    if not isinstance(user, User):
        return _redirect("admin:login", request)
    if request.user.is_authenticated:
        return HttpResponseRedirect(_next(request))
    if not two_factor.has_two_factor(user):
        return _redirect("admin:two_factor", request)
    if "leave" in request.POST:
        logout(request)
        return _redirect("admin:login", request)
    is_recovery = "recovery" in request.POST
    data = request.POST if request.method == "POST" else None
    form = CodeForm(None if is_recovery else data, auto_id="id_%s")
    recovery = RecoveryForm(data if is_recovery else None, auto_id="id_recovery_%s")
    if device := _verified(user, recovery if is_recovery else form):
        _complete_login(request, user, device)
        return HttpResponseRedirect(_next(request))
    _autofocus(recovery if is_recovery else form)
    return _page(request, "two_factor_verify", title=_("Enter your code"), who=user, form=form, recovery=recovery)


@never_cache
@sensitive_post_parameters("code", "key")
@require_http_methods(["GET", "HEAD", "POST"])
def manage_two_factor(request: HttpRequest) -> HttpResponse:
    """Set up two-factor authentication of the user, or change it."""
    user = get_user(request)
    if not isinstance(user, User):
        return _redirect("admin:login", request)
    if not two_factor.has_two_factor(user):
        return _set_up(request, user)
    return _change(request, user) if request.user.is_authenticated else redirect_to_code(request)


def redirect_to_code(request: HttpRequest) -> HttpResponse:
    return _redirect("admin:code", request)


def _set_up(request: HttpRequest, user: User) -> HttpResponse:
    """Show the setup form. The form carries the signed key; it is stored once the code proves that the app has it."""
    key = _key(request.POST.get("key", ""), user)
    is_too_old = request.method == "POST" and key is None
    form = CodeForm(request.POST if key else None)
    key = key or random_hex(20)
    if form.is_valid():
        try:
            device, codes = two_factor.enable_two_factor(user, key=key, code=form.cleaned_data["code"])
        except WrongCode as error:
            form.add_error("code", str(error))
        else:
            _complete_login(request, user, device)
            _log(user, _("Two-factor authentication turned on."))
            return _show_codes(request, codes)
    _autofocus(form)
    address = two_factor.provisioning_uri(key, user)
    return _page(
        request,
        "two_factor_setup",
        title=_("Set up two-factor authentication"),
        form=form,
        is_required=settings.STAFF_REQUIRE_2FA,
        is_too_old=is_too_old,
        qr_code=mark_safe(two_factor.qr_code(address)),  # generated here, contains only squares
        address=address,
        secret=" ".join(_groups_of_four(two_factor.base32_key(key))),
        key=signing.dumps([user.pk, key], salt=_SALT),
    )


def _change(request: HttpRequest, user: User) -> HttpResponse:
    form = CodeOrRecoveryForm(request.POST if request.method == "POST" else None)
    action = request.POST.get("action")
    if action in {"codes", "disable"} and _verified(user, form):
        if action == "codes":
            _log(user, _("New recovery codes created."))
            return _show_codes(request, two_factor.new_recovery_codes(user))
        two_factor.disable_two_factor(user)
        _log(user, _("Two-factor authentication turned off."))
        return HttpResponseRedirect(reverse("admin:two_factor"))
    left = two_factor.recovery_codes_left(user)
    return _page(
        request,
        "two_factor",
        title=_("Two-factor authentication"),
        form=form,
        left=left,
        is_required=settings.STAFF_REQUIRE_2FA,
    )


def _show_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Show the codes once, because only hashes are stored. The link contains the file itself."""
    lines = [_("Recovery codes for %s") % request.get_host(), _("Each code works once."), "", *codes, ""]
    file = f"data:text/plain;charset=utf-8,{quote(chr(10).join(lines))}"
    return _page(request, "recovery_codes", title=_("Your recovery codes"), codes=codes, file=file)


def _verified(user: User, form: forms.Form) -> Device | None:
    """Return the device of the code, or None with an error in the form."""
    if not form.is_valid():
        return None
    try:
        return two_factor.verify_code(user, form.cleaned_data["code"])
    except WrongCode as error:
        form.add_error("code", str(error))
        return None


def _autofocus(form: forms.Form) -> None:
    """Focus the field when the page opens."""
    form.fields["code"].widget.attrs["autofocus"] = True


def _complete_login(request: HttpRequest, user: User, device: Device) -> None:
    request.user = user
    remember_device(request, device)
    request.session.cycle_key()
    rotate_token(request)


def _key(signed: str, user: User) -> str | None:
    """Return the key if this user was shown it within the last hour."""
    try:
        whose, key = signing.loads(signed, salt=_SALT, max_age=_SETUP_MAX_AGE_SECONDS)
    except signing.BadSignature:
        return None
    return str(key) if whose == user.pk else None


def _groups_of_four(text: str) -> list[str]:
    return [text[start : start + 4] for start in range(0, len(text), 4)]


def _log(user: User, message: str) -> None:
    LogEntry.objects.log_actions(user.pk, [user], CHANGE, message)


def _next(request: HttpRequest) -> str:
    """Return the requested page if it is on this site."""
    wanted = request.POST.get(NEXT) or request.GET.get(NEXT, "")
    is_here = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_here else reverse("admin:index")


def _redirect(name: str, request: HttpRequest) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse(name)}?{urlencode({NEXT: _next(request)})}")


def _page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    own = {"is_nav_sidebar_enabled": False, "next": _next(request)}
    return TemplateResponse(
        request, f"admin/accounts/{name}.html", {**admin.site.each_context(request), **own, **context}
    )
