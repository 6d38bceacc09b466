"""Middleware for every request: client address, limits of requests, and security headers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
import re

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from newsite.conf.env import Proxy
from newsite.pages.errors import plain_page

View = Callable[[HttpRequest], HttpResponse]

MAX_LENGTH_DIGITS = 15  # of Content-Length; Python refuses to convert numbers of more than 4,300 digits


def trusted_proxy_middleware(get_response: View) -> View:
    """Put the address of the client into REMOTE_ADDR, if one of TRUSTED_PROXIES reports it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if is_trusted_proxy(request.META.get("REMOTE_ADDR", "")):
            hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
            while hops and is_trusted_proxy(request.META["REMOTE_ADDR"]):
                request.META["REMOTE_ADDR"] = hops.pop()
            if request.META.get("HTTP_X_FORWARDED_PROTO") in {"http", "https"}:
                request.META["wsgi.url_scheme"] = request.META["HTTP_X_FORWARDED_PROTO"]
        return get_response(request)

    return middleware


def is_trusted_proxy(address: str) -> bool:
    return is_in_networks(settings.TRUSTED_PROXIES, address)


def is_in_networks(known: Iterable[Proxy], address: str) -> bool:
    """Return whether the address is in one of the networks.

    REMOTE_ADDR is empty for Unix-socket clients without X-Forwarded-For.
    """
    networks = list(known)
    if not address:
        return "unix" in networks
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks if not isinstance(network, str))


@lru_cache(maxsize=1000)  # called with the address of the proxy in every request
def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None


def request_limits_middleware(get_response: View) -> View:
    """Refuse NUL bytes, which no database can search for (400), and bodies above the limit of their address (413)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\0" in request.path_info or "%00" in request.META.get("QUERY_STRING", ""):
            return plain_page(400, _("Invalid address"), _("It contains a character that isn’t allowed."))
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():  # Django would read no body
            return plain_page(411, _("Something was wrong with that request."), _("Please try again."))
        length = request.META.get("CONTENT_LENGTH") or "0"
        is_number = length.isdecimal() and len(length) <= MAX_LENGTH_DIGITS
        if not is_number or int(length) > _max_body_bytes(request):
            is_image = _takes_image(request)
            advice = _("Choose a smaller file.") if is_image else _("Go back, shorten your text and send it again.")
            return plain_page(413, _("That’s too large."), advice)
        return get_response(request)

    return middleware


def _takes_image(request: HttpRequest) -> bool:
    return bool(re.fullmatch(settings.IMAGE_FORM_PATHS, request.path_info))


def _max_body_bytes(request: HttpRequest) -> int:
    if _takes_image(request):
        return settings.IMAGE_REQUEST_MAX_BYTES
    return settings.ADMIN_REQUEST_MAX_BYTES if _is_admin(request) else settings.PUBLIC_REQUEST_MAX_BYTES


# Browser features that neither pages of this site nor embedded videos use (embeds.js).
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        *("accelerometer", "browsing-topics", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer"),
        *(
            "microphone",
            "midi",
            "payment",
            "publickey-credentials-get",
            "screen-wake-lock",
            "usb",
            "xr-spatial-tracking",
        ),
    )
)


def permissions_policy_middleware(get_response: View) -> View:
    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        return response

    return middleware


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """Send one constant policy with public pages, and a policy with a nonce in the admin."""

    def __init__(self, get_response: View) -> None:
        super().__init__(get_response)
        self.public = build_policy()

    def process_request(self, request: HttpRequest) -> None:
        if _is_admin(request):
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not _is_admin(request):
            response.headers.setdefault(HEADER, self.public)
            return response
        response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY  # type: ignore[attr-defined]  # attribute of django-csp
        return super().process_response(request, response)


def _is_admin(request: HttpRequest) -> bool:
    return request.path_info.startswith("/admin/")
