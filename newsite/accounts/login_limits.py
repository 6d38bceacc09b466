"""Limits of failed logins by name and network, on top of django-axes.

A keyed hash of the typed name (some users type a password there) and of the network is stored for AXES_COOLOFF_TIME.
The name alone never locks out, so knowing an editor's name is not enough to block that editor, except from the same
network.
"""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address
from math import ceil
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.identity import hash_network
from newsite.pages.errors import plain_page

NETWORK_FAILURE_FACTOR = 10  # failures per network, as a multiple of those per name: a newsroom shares an address


def network_as_address(request: HttpRequest) -> str:
    """Return the hash of the network as a private IPv6 address (fd00::/8), because the column needs an address."""
    return str(IPv6Address(int(f"fd{hash_network(request.META.get('REMOTE_ADDR', ''))[:30]}", 16)))


def username_hash(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    typed = (credentials or request.POST).get("username") or ""
    return salted_hmac("newsite.accounts.login_limits.name", typed, algorithm="sha256").hexdigest()[:32]


class LoginLimitHandler(AxesDatabaseHandler):
    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        """Store the failure without user agent, headers and form data."""
        if request is not None:
            request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None:
            self._of_name(request, credentials).update(get_data="", post_data="")

    def get_failures(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Return the number to compare with AXES_FAILURE_LIMIT.

        It is the number of failures of this name from this network, or a tenth of all failures from this network.
        """
        own, network = (_failures(attempts) for attempts in self.get_user_attempts(request, credentials))
        return max(own, network // NETWORK_FAILURE_FACTOR)

    def reset_user_attempts(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> int:
        """Delete the failures of this name after a login, but keep those of other names."""
        return int(self._of_name(request, credentials).delete()[0])

    def wait(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> timedelta:
        """Return the maximum time until this name can be tried again from this network."""
        own, network = self.get_user_attempts(request, credentials)
        counts = own if _failures(own) >= settings.AXES_FAILURE_LIMIT else network
        latest = counts.aggregate(at=Max("attempt_time"))["at"] or timezone.now()
        return max(latest + settings.AXES_COOLOFF_TIME - timezone.now(), timedelta(seconds=1))

    def _of_name(self, request: HttpRequest, credentials: dict[str, Any] | None) -> Any:
        return self.filter_user_attempts(request, credentials)[0]


def _failures(attempts: Any) -> int:
    return attempts.aggregate(number=Sum("failures_since_start"))["number"] or 0


def lockout_response(request: HttpRequest, response: HttpResponse, credentials: dict[str, Any] | None) -> HttpResponse:
    """Return the same response for existing and unknown names."""
    wait = AxesProxyHandler.get_implementation().wait(request, credentials)
    minutes = ceil(wait / timedelta(minutes=1))
    again = ngettext("Please try again in %d minute.", "Please try again in %d minutes.", minutes) % minutes
    answer = plain_page(429, _("Too many failed logins."), again)
    answer["Retry-After"] = str(ceil(wait.total_seconds()))
    return answer


def purge_failed_logins() -> None:
    """Delete expired failures."""
    AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - settings.AXES_COOLOFF_TIME).delete()
