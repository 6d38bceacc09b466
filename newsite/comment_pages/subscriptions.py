"""Notifications to readers: subscribed by the commenting device; confirmed, changed and stopped by links in emails."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from comments.identity import Reader, get_reader
from comments.models import Subscription
from comments.models.notification import is_genuine_token
from comments.notifications.forms import PreferencesForm, SubscriptionForm
from comments.notifications.subscriptions import change_preferences, confirm, subscribe, unsubscribe
from comments.readers.rate_limits import RequestRejected, check_rate_limit
from newsite.comment_pages.subscription_prompt import subscription_context
from newsite.http.decorators import SeeOther, cross_site_response, form_view, is_same_site, with_retry_status
from newsite.pages.errors import plain_page
from newsite.pages.site_context import current_site_context


@form_view
def letters(request: HttpRequest) -> HttpResponse:
    """Show or change the subscription of this device; answer 404 to readers without comments."""
    reader = get_reader(request)
    if reader.device is None:
        raise Http404
    if request.method != "POST":
        return _page("notifications/subscribe_page.html", letters=subscription_context(reader.device))
    if not is_same_site(request):
        return cross_site_response()
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
            return SeeOther(reverse("letters"))
        except RequestRejected as error:
            form.add_error("address", str(error))
            return with_retry_status(_form_again(form, device), error)
    return _form_again(form, device, status=422)


def _form_again(form: SubscriptionForm, device: str, *, status: int = 200) -> HttpResponse:
    form.prepare_redisplay()
    return _page("notifications/subscribe_page.html", status=status, letters=subscription_context(device, form=form))


@form_view  # the token authorizes: its holder may do this with any client
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Show the page that emails link to. GET changes nothing, because mail scanners follow links."""
    subscription = Subscription.objects.filter(token=token).first()
    if subscription is None:
        return _stopped(token)
    if request.method != "POST":
        wishes = {"decisions": subscription.decisions, "replies": subscription.replies}
        return _page(
            "notifications/preferences_page.html", subscription=subscription, form=PreferencesForm(initial=wishes)
        )
    form = PreferencesForm(request.POST)
    is_confirmation = "confirm" in request.POST
    if not is_confirmation and not form.is_valid():
        return _page("notifications/preferences_page.html", status=422, subscription=subscription, form=form)
    try:
        check_rate_limit(get_reader(request))
    except RequestRejected as error:
        return with_retry_status(plain_page(429, _("You’re going too fast."), str(error)), error)
    if is_confirmation:
        confirm(token)
    else:
        change_preferences(token, **form.preferences())
    return SeeOther(request.path)


@form_view  # RFC 8058: mail clients send this without cookies
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """Unsubscribe; may be repeated."""
    if request.method == "POST":
        return _stopped(token, is_declined=unsubscribe(token=token))
    return SeeOther(reverse("letter", args=[token]))


def _stopped(token: str, *, is_declined: bool = False) -> HttpResponse:
    """Confirm the end of a subscription to holders of a genuine token; answer 404 to others."""
    if not is_genuine_token(token):
        raise Http404
    return _page("notifications/preferences_page.html", subscription=None, is_declined=is_declined)


def _page(template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render a page whose links send no referrer, because its address contains the token."""
    html = render_to_string(template, {"frame": current_site_context(), **context})
    return HttpResponse(html, status=status, headers={"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
