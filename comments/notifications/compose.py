"""Content of the notifications. Text and HTML have the same sentences and link only to this site."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from articles.models import SiteSettings
from comments.models import Comment, Decision, Notification
from comments.notifications.excerpts import excerpt_name, make_excerpt
from comments.notifications.moderator_alerts import overdue_since
from comments.statuses import Status

_MAX_QUOTED_REPLIES = 20  # replies in one email
_MAX_HEADLINE_LENGTH = 120  # characters


@dataclass(frozen=True)
class QuotedComment:
    """Quoted comment with its article and URL.

    Text by a reader: escape it, and make no links of it.
    """

    name: str
    text: str
    about: str = ""
    address: str = ""


@dataclass(frozen=True)
class EmailContent:
    subject: str
    sentences: Sequence[str]
    link: str
    address: str
    quotes: Sequence[QuotedComment] = field(default_factory=list)


def compose(notifications: Sequence[Notification]) -> EmailMultiAlternatives:
    """Compose one email to one recipient. Several notifications in one email are always replies."""
    first = notifications[0]
    content = _COMPOSERS[Notification.Kind(first.kind)](notifications)
    headers = {"Message-ID": first.message_id(settings.EMAIL_MESSAGE_ID_DOMAIN), "Auto-Submitted": "auto-generated"}
    context = {"content": content, "site": SiteSettings.current().name, "kind": first.kind}
    if first.subscription:
        page = reverse("subscription", args=[first.subscription.token])
        stop = _absolute_url(reverse("unsubscribe", args=[first.subscription.token]))
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # RFC 8058
        context["settings_address"] = _absolute_url(page)
    mail = EmailMultiAlternatives(
        subject=" ".join(content.subject.split()),
        body=render_to_string("comments/notifications/email.txt", context),
        to=[first.address],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("comments/notifications/email.html", context), "text/html")
    return mail


def _confirm(notifications: Sequence[Notification]) -> EmailContent:
    """Compose the email that asks to confirm an address.

    It contains no text by a reader, because the person who requested it may not be the recipient.
    """
    site_name = SiteSettings.current().name
    subscription = notifications[0].subscription
    assert subscription  # noqa: S101 (a database constraint)
    return EmailContent(
        subject=_("Confirm your email address"),
        sentences=[
            _("Someone – probably you – asked %(site)s to send emails about comments to this address.")
            % {"site": site_name},
            _("Click the link below to confirm."),
            _("If it wasn’t you, ignore this email, or open the link to block further requests."),
        ],
        link=_("Confirm your address"),
        address=_absolute_url(reverse("subscription", args=[subscription.token])),
    )


def _approved(notifications: Sequence[Notification]) -> EmailContent:
    comment = _decision_of(notifications).comment
    return EmailContent(
        subject=_("Your comment on “%(headline)s” has been published") % {"headline": _headline(comment)},
        sentences=[_("Your comment on “%(headline)s” has been published.") % {"headline": _headline(comment)}],
        link=_("View comment"),
        address=_absolute_url(comment.get_absolute_url()),
        quotes=[_quote(comment)],
    )


def _rejected(notifications: Sequence[Notification]) -> EmailContent:
    decision = _decision_of(notifications)
    headline = {"headline": _headline(decision.comment)}
    if decision.from_status == Status.APPROVED:
        sentence = _("Your comment on “%(headline)s” has been removed by a moderator.") % headline
    else:
        sentence = _("Your comment on “%(headline)s” was not published.") % headline
    return EmailContent(
        subject=_("About your comment on “%(headline)s”") % headline,
        sentences=[sentence, *([decision.author_message] if decision.author_message else [])],
        link=_("Your comments"),
        address=_absolute_url(reverse("own_comments")),
        quotes=[_quote(decision.comment)],
    )


def _replies(notifications: Sequence[Notification]) -> EmailContent:
    replies = [notification.comment for notification in notifications if notification.comment]
    if len(replies) == 1:
        subject = _("New reply to your comment on “%(headline)s”") % {"headline": _headline(replies[0])}
    else:
        subject = _("%(count)d new replies to your comments") % {"count": len(replies)}
    sentence = ngettext(
        "Someone replied to your comment.", "You have %(count)d new replies to your comments.", len(replies)
    )
    sentences = [sentence % {"count": len(replies)}] if len(replies) > 1 else [sentence]
    if len(replies) > _MAX_QUOTED_REPLIES:
        sentences.append(_("Here are the first %d.") % _MAX_QUOTED_REPLIES)
    return EmailContent(
        subject=subject,
        sentences=sentences,
        link=_("Your comments"),
        address=_absolute_url(reverse("own_comments")),
        quotes=[_quote(reply, link=True) for reply in replies[:_MAX_QUOTED_REPLIES]],
    )


def _duty(notifications: Sequence[Notification]) -> EmailContent:
    waiting = Comment.objects.filter(Q(status=Status.PENDING) | Q(open_reports__gt=0)).count()
    oldest = overdue_since()
    text = ngettext(
        "%(count)d comment is waiting to be moderated", "%(count)d comments are waiting to be moderated", waiting
    )
    since = date_format(timezone.localtime(oldest), "DATETIME_FORMAT") if oldest else ""
    return EmailContent(
        subject=text % {"count": waiting},
        sentences=[
            f"{text % {'count': waiting}}.",
            *([_("The oldest has been waiting since %(time)s.") % {"time": since}] * bool(since)),
        ],
        link=_("Open the queue"),
        address=_absolute_url(reverse("admin:comments_moderation_changelist")),
    )


def _alert(notifications: Sequence[Notification]) -> EmailContent:
    kept = Comment.objects.public_despite_reports().count()
    text = ngettext("%(count)d comment has many reports", "%(count)d comments have many reports", kept)
    return EmailContent(
        subject=text % {"count": kept},
        sentences=[
            f"{text % {'count': kept}}.",
            _("So many reports came in together that they may be an attack. Readers can still see the comments."),
            _("Rejecting a comment counts in favour of the people who reported it; approving it counts against them."),
        ],
        link=_("Open the queue"),
        address=f"{_absolute_url(reverse('admin:comments_moderation_changelist'))}?queue=reported",
    )


_COMPOSERS: dict[Notification.Kind, Callable[[Sequence[Notification]], EmailContent]] = {
    Notification.Kind.CONFIRM: _confirm,
    Notification.Kind.APPROVED: _approved,
    Notification.Kind.REJECTED: _rejected,
    Notification.Kind.REPLY: _replies,
    Notification.Kind.DUTY: _duty,
    Notification.Kind.ALERT: _alert,
}


def _decision_of(notifications: Sequence[Notification]) -> Decision:
    decision = notifications[0].decision
    assert decision  # noqa: S101 (notifications of this kind have one)
    return decision


def _quote(comment: Comment, *, link: bool = False) -> QuotedComment:
    return QuotedComment(
        name=excerpt_name(comment.name),
        text=make_excerpt(comment.text),
        about=_headline(comment) if link else "",
        address=_absolute_url(comment.get_absolute_url()) if link else "",
    )


def _headline(comment: Comment) -> str:
    headline = " ".join(comment.article.headline.split())
    return headline if len(headline) <= _MAX_HEADLINE_LENGTH else f"{headline[: _MAX_HEADLINE_LENGTH - 1]}…"


def _absolute_url(address: str) -> str:
    return f"{settings.SITE_URL}{address}"
