"""Letters to readers: asked for by the device that wrote, confirmed, changed and stopped by the link in each letter."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from comments.identity import Reader, reader_of
from comments.models import Subscription
from comments.models.notification import is_token_of_ours
from comments.notifications.forms import SubscriptionForm, WishesForm
from comments.notifications.subscriptions import change, confirm, stop, subscribe
from comments.readers.rate_limits import NotTaken, count_click
from newsite.comment_pages.subscription_prompt import letters_part
from newsite.http.decorators import SeeOther, for_forms, is_same_site, not_from_here, refused
from newsite.pages.errors import plain
from newsite.pages.site_context import current_frame


@for_forms
def letters(request: HttpRequest) -> HttpResponse:
    """This device's letters. For who has written nothing there is nothing here."""
    reader = reader_of(request)
    if reader.device is None:
        raise Http404
    if request.method != "POST":
        return _page("newsite/letters.html", letters=letters_part(reader.device))
    if not is_same_site(request):
        return not_from_here()
    if "forget" in request.POST:  # as often as one likes: it is done once
        stop(device=reader.device)
        return SeeOther(request.path)
    return _subscribe(request, reader, reader.device)


def _subscribe(request: HttpRequest, reader: Reader, device: str) -> HttpResponse:
    form = SubscriptionForm(request.POST)
    if form.is_valid():
        try:
            count_click(reader)
            subscribe(form.cleaned_data["address"], device=device, network=reader.network, **form.wishes())
            return SeeOther(reverse("letters"))
        except NotTaken as error:
            form.add_error("address", str(error))
            return refused(_asked_again(form, device), error)
    return _asked_again(form, device, status=422)


def _asked_again(form: SubscriptionForm, device: str, *, status: int = 200) -> HttpResponse:
    form.prepare_again()
    return _page("newsite/letters.html", status=status, letters=letters_part(device, form=form))


@for_forms  # the token is the authority: who has the letter may do this, from whatever program
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """The page that a letter links. To look at it, as programs do that scan mail, changes nothing."""
    subscription = Subscription.objects.filter(token=token).first()
    if subscription is None:
        return _stopped(token)
    if request.method != "POST":
        wishes = {"decisions": subscription.decisions, "replies": subscription.replies}
        return _page("newsite/letter.html", subscription=subscription, form=WishesForm(initial=wishes))
    form = WishesForm(request.POST)
    is_confirmation = "confirm" in request.POST
    if not is_confirmation and not form.is_valid():
        return _page("newsite/letter.html", status=422, subscription=subscription, form=form)
    try:
        count_click(reader_of(request))
    except NotTaken as error:
        return refused(plain(429, _("You’re going too fast."), str(error)), error)
    if is_confirmation:
        confirm(token)
    else:
        change(token, **form.wishes())
    return SeeOther(request.path)


@for_forms  # RFC 8058: a mail program sends this, without cookies
def stop_letters(request: HttpRequest, token: str) -> HttpResponse:
    """As often as one likes."""
    if request.method == "POST":
        return _stopped(token, is_declined=stop(token=token))
    return SeeOther(reverse("letter", args=[token]))


def _stopped(token: str, *, is_declined: bool = False) -> HttpResponse:
    """That an address is forgotten is said to those who once had its token; to others there is nothing here."""
    if not is_token_of_ours(token):
        raise Http404
    return _page("newsite/letter.html", subscription=None, is_declined=is_declined)


def _page(template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """No address of ours is told to whatever these pages lead to."""
    html = render_to_string(template, {"frame": current_frame(), **context})
    return HttpResponse(html, status=status, headers={"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
