"""Notifications to readers: subscribed by the commenting device; confirmed, changed and stopped by links in emails."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from comments.identity import Reader, get_reader
from comments.models import Subscription
from comments.models.notification import is_genuine_token
from comments.notifications.forms import PreferencesForm, SubscriptionForm
from comments.notifications.prompt import subscription_context
from comments.notifications.subscriptions import change_preferences, confirm, subscribe, unsubscribe
from comments.readers.form_limit import FormRefused, check_rate_limit
from comments.views.decorators import form_view, is_same_site
from comments.views.responses import SeeOther, cross_site_response, too_fast_page, with_retry_status


@form_view
def subscribe_page(request: HttpRequest) -> HttpResponse:
    """Show or change the subscription of this device; answer 404 to readers without comments."""
    reader = get_reader(request)
    if reader.device is None:
        raise Http404
    if request.method != "POST":
        return _subscribe_form(request, reader.device)
    if not is_same_site(request):
        return cross_site_response(request)
    if "forget" in request.POST:  # no rate limit, because repetition has no effect
        unsubscribe(device=reader.device)
        return SeeOther(request.path)
    return _subscribe(request, reader, reader.device)


def _subscribe(request: HttpRequest, reader: Reader, device: str) -> HttpResponse:
    form = SubscriptionForm(request.POST)
    if form.is_valid():
        try:
            check_rate_limit(reader)
            subscribe(form.cleaned_data["address"], device=device, network=reader.network, **form.preferences())
            return SeeOther(reverse("subscribe"))
        except FormRefused as error:
            form.add_error("address", str(error))
            form.prepare_redisplay()
            return with_retry_status(_subscribe_form(request, device, form), error)
    form.prepare_redisplay()
    return _subscribe_form(request, device, form, status=422)


def _subscribe_form(
    request: HttpRequest, device: str, form: SubscriptionForm | None = None, *, status: int = 200
) -> HttpResponse:
    context = {"notifications": subscription_context(device, form=form)}
    return _page(request, "comments/notifications/subscribe_page.html", context, status=status)


@form_view  # the token authorizes: its holder may do this with any client
def subscription_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page that emails link to. GET changes nothing, because mail scanners follow links."""
    subscription = Subscription.objects.filter(token=token).first()
    if subscription is None:
        return _ended(request, token)
    if request.method != "POST":
        preferences = {"decisions": subscription.decisions, "replies": subscription.replies}
        return _preferences(request, subscription, PreferencesForm(initial=preferences))
    form = PreferencesForm(request.POST)
    is_confirmation = "confirm" in request.POST
    if not is_confirmation and not form.is_valid():
        return _preferences(request, subscription, form, status=422)
    try:
        check_rate_limit(get_reader(request))
    except FormRefused as error:
        return too_fast_page(request, error)
    if is_confirmation:
        confirm(token)
    else:
        change_preferences(token, **form.preferences())
    return SeeOther(request.path)


@form_view  # RFC 8058: mail clients send this without cookies
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe; may be repeated."""
    if request.method == "POST":
        return _ended(request, token, is_declined=unsubscribe(token=token))
    return SeeOther(reverse("subscription", args=[token]))


def _ended(request: HttpRequest, token: str, *, is_declined: bool = False) -> HttpResponse:
    """Confirm the end of a subscription to holders of a genuine token; answer 404 to others."""
    if not is_genuine_token(token):
        raise Http404
    context = {"subscription": None, "is_declined": is_declined}
    return _page(request, "comments/notifications/preferences_page.html", context)


def _preferences(
    request: HttpRequest, subscription: Subscription, form: PreferencesForm, *, status: int = 200
) -> HttpResponse:
    context = {"subscription": subscription, "form": form}
    return _page(request, "comments/notifications/preferences_page.html", context, status=status)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page whose links send no referrer, because its address contains the token."""
    page = render(request, template, context, status=status)
    page["Referrer-Policy"] = "no-referrer"
    page["X-Robots-Tag"] = "noindex"
    return page
