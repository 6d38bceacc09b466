"""Two people, one article; and words that are not lost when a browser is closed.

Whoever opens an article has it for a short time, which the open page renews; the others are told. It stops nobody:
what stops a save over somebody else's is `articles.versions`.
"""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from articles.models import Draft, OpenArticle

HELD = timedelta(minutes=3)  # an open page asks for it every minute
DRAFTS_KEPT = timedelta(days=90)
_NOT_KEPT = {"csrfmiddlewaretoken"}


def open_article(article_id: int, user: AbstractBaseUser) -> OpenArticle | None:
    """Takes it for HELD, unless a colleague has it: then the colleague's hold, and nothing is taken."""
    now = timezone.now()
    row = OpenArticle.objects.filter(article=article_id)
    if row.filter(Q(by=user.pk) | Q(until__lte=now)).update(by=user.pk, until=now + HELD):
        return None
    if held := row.select_related("by").first():
        return held
    try:
        with transaction.atomic():
            OpenArticle.objects.create(article_id=article_id, by_id=user.pk, until=now + HELD)
    except IntegrityError:  # of two at once the other was faster, or the article is gone
        return row.select_related("by").exclude(by=user.pk).first()
    return None


def close_article(article_id: int, user: AbstractBaseUser) -> None:
    OpenArticle.objects.filter(article=article_id, by=user.pk).delete()


def draft_of(user: AbstractBaseUser, article_id: int | None) -> Draft | None:
    return Draft.objects.filter(user=user.pk, article=article_id).first()


def keep_draft(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> Draft:
    """Instead of what was kept of the same form before."""
    kept = [[name, values] for name, values in fields.lists() if name not in _NOT_KEPT]
    changes = {"fields": kept, "at": timezone.now()}
    same = Draft.objects.filter(user=user.pk, article=article_id)
    if not same.update(**changes):
        try:
            with transaction.atomic():
                return Draft.objects.create(user_id=user.pk, article_id=article_id, **changes)
        except IntegrityError:  # of two windows at once the other was faster
            same.update(**changes)
    return same.get()


def discard_draft(user: AbstractBaseUser, article_id: int | None) -> None:
    Draft.objects.filter(user=user.pk, article=article_id).delete()


def forget_drafts() -> None:
    """Those that nobody has gone on with."""
    Draft.objects.filter(at__lt=timezone.now() - DRAFTS_KEPT).delete()


def as_data(draft: Draft) -> QueryDict:
    """As the form would have sent it."""
    data = QueryDict(mutable=True)
    for name, values in draft.fields:
        data.setlist(name, values)
    return data
