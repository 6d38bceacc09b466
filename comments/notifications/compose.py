"""What the letters say. Text and HTML are made of the same words, and link to nothing but this site."""

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

from articles.models import Paper
from comments.models import Comment, Decision, Letter
from comments.notifications.excerpts import quoted, quoted_name
from comments.notifications.moderator_alerts import waits_since
from comments.statuses import Status

_QUOTED = 20  # replies in one letter
_HEADLINE = 120  # characters of it in a letter


@dataclass(frozen=True)
class Quote:
    """What somebody wrote, and where it stands. Not the site's own words: to be escaped, and without links."""

    name: str
    text: str
    about: str = ""
    address: str = ""


@dataclass(frozen=True)
class Words:
    subject: str
    sentences: Sequence[str]
    link: str
    address: str
    quotes: Sequence[Quote] = field(default_factory=list)


def compose(letters: Sequence[Letter]) -> EmailMultiAlternatives:
    """One letter to one person about all of these; if they are several, they are replies."""
    first = letters[0]
    words = _WORDS[Letter.Kind(first.kind)](letters)
    headers = {"Message-ID": first.message_id(settings.MAIL_DOMAIN), "Auto-Submitted": "auto-generated"}
    context = {"words": words, "paper": Paper.current().name, "kind": first.kind}
    if first.subscription:
        page = reverse("letter", args=[first.subscription.token])
        stop = _absolute(reverse("stop_letters", args=[first.subscription.token]))
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # RFC 8058
        context["settings_address"] = _absolute(page)
    mail = EmailMultiAlternatives(
        subject=" ".join(words.subject.split()),
        body=render_to_string("letters/letter.txt", context),
        to=[first.address],
        headers=headers,
    )
    mail.attach_alternative(render_to_string("letters/letter.html", context), "text/html")
    return mail


def _confirm(letters: Sequence[Letter]) -> Words:
    """Nothing in it that a reader wrote: whoever asked for it may not be who gets it."""
    paper = Paper.current().name
    subscription = letters[0].subscription
    assert subscription  # noqa: S101 (the database holds it)
    return Words(
        subject=_("Confirm your email address"),
        sentences=[
            _("Someone – probably you – asked %(paper)s to send emails about comments to this address.")
            % {"paper": paper},
            _("Click the link below to confirm."),
            _("If it wasn’t you, ignore this email, or open the link to block further requests."),
        ],
        link=_("Confirm your address"),
        address=_absolute(reverse("letter", args=[subscription.token])),
    )


def _approved(letters: Sequence[Letter]) -> Words:
    comment = _decided(letters).comment
    return Words(
        subject=_("Your comment on “%(headline)s” has been published") % {"headline": _headline(comment)},
        sentences=[_("Your comment on “%(headline)s” has been published.") % {"headline": _headline(comment)}],
        link=_("View comment"),
        address=_absolute(comment.get_absolute_url()),
        quotes=[_quote(comment)],
    )


def _rejected(letters: Sequence[Letter]) -> Words:
    decision = _decided(letters)
    headline = {"headline": _headline(decision.comment)}
    if decision.was == Status.APPROVED:
        sentence = _("Your comment on “%(headline)s” has been removed by a moderator.") % headline
    else:
        sentence = _("Your comment on “%(headline)s” was not published.") % headline
    return Words(
        subject=_("About your comment on “%(headline)s”") % headline,
        sentences=[sentence, *([decision.told] if decision.told else [])],
        link=_("Your comments"),
        address=_absolute(reverse("your_comments")),
        quotes=[_quote(decision.comment)],
    )


def _replies(letters: Sequence[Letter]) -> Words:
    replies = [letter.comment for letter in letters if letter.comment]
    if len(replies) == 1:
        subject = _("New reply to your comment on “%(headline)s”") % {"headline": _headline(replies[0])}
    else:
        subject = _("%(count)d new replies to your comments") % {"count": len(replies)}
    sentence = ngettext(
        "Someone replied to your comment.", "You have %(count)d new replies to your comments.", len(replies)
    )
    sentences = [sentence % {"count": len(replies)}] if len(replies) > 1 else [sentence]
    if len(replies) > _QUOTED:
        sentences.append(_("Here are the first %d.") % _QUOTED)
    return Words(
        subject=subject,
        sentences=sentences,
        link=_("Your comments"),
        address=_absolute(reverse("your_comments")),
        quotes=[_quote(reply, link=True) for reply in replies[:_QUOTED]],
    )


def _duty(letters: Sequence[Letter]) -> Words:
    waiting = Comment.objects.filter(Q(status=Status.HELD) | Q(open_reports__gt=0)).count()
    oldest = waits_since()
    text = ngettext(
        "%(count)d comment is waiting to be moderated", "%(count)d comments are waiting to be moderated", waiting
    )
    since = date_format(timezone.localtime(oldest), "DATETIME_FORMAT") if oldest else ""
    return Words(
        subject=text % {"count": waiting},
        sentences=[
            f"{text % {'count': waiting}}.",
            *([_("The oldest has been waiting since %(time)s.") % {"time": since}] * bool(since)),
        ],
        link=_("Open the queue"),
        address=_absolute(reverse("admin:comments_desk_changelist")),
    )


def _alert(letters: Sequence[Letter]) -> Words:
    kept = Comment.objects.kept_despite_reports().count()
    text = ngettext("%(count)d comment has many reports", "%(count)d comments have many reports", kept)
    return Words(
        subject=text % {"count": kept},
        sentences=[
            f"{text % {'count': kept}}.",
            _("So many reports came in together that they may be an attack. Readers can still see the comments."),
            _("Rejecting a comment counts in favour of the people who reported it; approving it counts against them."),
        ],
        link=_("Open the queue"),
        address=f"{_absolute(reverse('admin:comments_desk_changelist'))}?queue=reported",
    )


_WORDS: dict[Letter.Kind, Callable[[Sequence[Letter]], Words]] = {
    Letter.Kind.CONFIRM: _confirm,
    Letter.Kind.APPROVED: _approved,
    Letter.Kind.REJECTED: _rejected,
    Letter.Kind.REPLY: _replies,
    Letter.Kind.DUTY: _duty,
    Letter.Kind.ALERT: _alert,
}


def _decided(letters: Sequence[Letter]) -> Decision:
    decision = letters[0].decision
    assert decision  # noqa: S101 (a letter of its kind has one)
    return decision


def _quote(comment: Comment, *, link: bool = False) -> Quote:
    return Quote(
        name=quoted_name(comment.name),
        text=quoted(comment.text),
        about=_headline(comment) if link else "",
        address=_absolute(comment.get_absolute_url()) if link else "",
    )


def _headline(comment: Comment) -> str:
    headline = " ".join(comment.article.headline.split())
    return headline if len(headline) <= _HEADLINE else f"{headline[: _HEADLINE - 1]}…"


def _absolute(address: str) -> str:
    return f"{settings.SITE_URL}{address}"
