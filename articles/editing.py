"""Two people, one article; and words that are not lost when a browser is closed.

Whoever opens an article has it for a short time, which the open page renews; the others are told. It stops nobody:
what stops a save over somebody else's is `articles.history.revisions`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
import re
from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from articles.models import Draft, OpenArticle

HELD = timedelta(minutes=3)  # an open page asks for it every minute
DRAFTS_KEPT = timedelta(days=90)
_NOT_KEPT = {"csrfmiddlewaretoken"}
_KEY = re.compile(r"[0-9a-f-]{36}")


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


def new_key() -> str:
    """For the form of a new article: what is kept of it is not what is kept of another one."""
    return str(uuid4())


def drafts_of(user: AbstractBaseUser, article_id: int | None) -> list[Draft]:
    """The newest first: of an article at most one, of new ones each that was begun."""
    return list(Draft.objects.filter(user=user.pk, article=article_id).order_by("-at", "-pk"))


def keep_draft(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> Draft:
    """Instead of what was kept of the same form before."""
    kept = [[name, values] for name, values in _storable(fields) if name not in _NOT_KEPT]
    changes = {"fields": kept, "at": timezone.now()}
    same = _of_form(user, article_id, fields)
    if not same.update(**changes):
        try:
            with transaction.atomic():
                key = _key_in(fields, article_id)
                return Draft.objects.create(user_id=user.pk, article_id=article_id, key=key, **changes)
        except IntegrityError:  # of two windows at once the other was faster
            same.update(**changes)
    return same.get()


def discard_draft(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> None:
    """What was kept of this form."""
    _of_form(user, article_id, fields).delete()


def _storable(fields: QueryDict) -> Iterator[tuple[str, list[str]]]:
    """PostgreSQL's JSON has no NUL."""
    for name, values in fields.lists():
        yield name.replace("\0", ""), [value.replace("\0", "") for value in values]


def _of_form(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> QuerySet[Draft]:
    return Draft.objects.filter(user=user.pk, article=article_id, key=_key_in(fields, article_id))


def _key_in(fields: QueryDict, article_id: int | None) -> str:
    key = fields.get("key", "")
    return key if article_id is None and _KEY.fullmatch(key) else ""


def forget_drafts() -> None:
    """Those that nobody has gone on with."""
    Draft.objects.filter(at__lt=timezone.now() - DRAFTS_KEPT).delete()


def as_data(draft: Draft) -> QueryDict:
    """As the form would have sent it."""
    data = QueryDict(mutable=True)
    for name, values in draft.fields:
        data.setlist(name, values)
    return data
