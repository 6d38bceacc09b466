"""Edit locks of articles, and autosaves of unsaved forms.

An edit lock is advisory. It expires after a short time, the open page renews it, and other users see a notice.
`articles.history.revisions` prevents a save that would overwrite another user's changes.
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

from articles.models import Autosave, EditLock

EDIT_LOCK_DURATION = timedelta(minutes=3)  # an open page renews it every minute
AUTOSAVE_RETENTION = timedelta(days=90)
_EXCLUDED_FIELDS = {"csrfmiddlewaretoken"}
_FORM_KEY = re.compile(r"[0-9a-f-]{36}")


def acquire_edit_lock(article_id: int, user: AbstractBaseUser) -> EditLock | None:
    """Acquire or renew the lock for EDIT_LOCK_DURATION and return None. Return a colleague's unexpired lock instead."""
    now = timezone.now()
    row = EditLock.objects.filter(article=article_id)
    if row.filter(Q(actor=user.pk) | Q(expires_at__lte=now)).update(actor=user.pk, expires_at=now + EDIT_LOCK_DURATION):
        return None
    if held := row.select_related("actor").first():
        return held
    try:
        with transaction.atomic():
            EditLock.objects.create(article_id=article_id, actor_id=user.pk, expires_at=now + EDIT_LOCK_DURATION)
    except IntegrityError:  # a concurrent request created it, or the article was deleted
        return row.select_related("actor").exclude(actor=user.pk).first()
    return None


def release_edit_lock(article_id: int, user: AbstractBaseUser) -> None:
    EditLock.objects.filter(article=article_id, actor=user.pk).delete()


def new_form_key() -> str:
    """Return a key for the form of a new article. It tells the autosaves of new articles apart."""
    return str(uuid4())


def autosaves_of(user: AbstractBaseUser, article_id: int | None) -> list[Autosave]:
    """Return the user's autosaves, newest first: at most one of a saved article, one for each new article."""
    return list(Autosave.objects.filter(user=user.pk, article=article_id).order_by("-saved_at", "-pk"))


def save_autosave(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> Autosave:
    """Store the fields of a form. Replace the previous autosave of the same form."""
    kept = [[name, values] for name, values in _without_nul(fields) if name not in _EXCLUDED_FIELDS]
    changes = {"fields": kept, "saved_at": timezone.now()}
    same = _autosaves_of_form(user, article_id, fields)
    if not same.update(**changes):
        try:
            with transaction.atomic():
                key = _form_key(fields, article_id)
                return Autosave.objects.create(user_id=user.pk, article_id=article_id, key=key, **changes)
        except IntegrityError:  # a concurrent request of another window created it
            same.update(**changes)
    return same.get()


def discard_autosave(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> None:
    _autosaves_of_form(user, article_id, fields).delete()


def _without_nul(fields: QueryDict) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields without NUL characters, which PostgreSQL cannot store in JSON."""
    for name, values in fields.lists():
        yield name.replace("\0", ""), [value.replace("\0", "") for value in values]


def _autosaves_of_form(user: AbstractBaseUser, article_id: int | None, fields: QueryDict) -> QuerySet[Autosave]:
    return Autosave.objects.filter(user=user.pk, article=article_id, key=_form_key(fields, article_id))


def _form_key(fields: QueryDict, article_id: int | None) -> str:
    key = fields.get("key", "")
    return key if article_id is None and _FORM_KEY.fullmatch(key) else ""


def purge_autosaves() -> None:
    """Delete autosaves older than AUTOSAVE_RETENTION."""
    Autosave.objects.filter(saved_at__lt=timezone.now() - AUTOSAVE_RETENTION).delete()


def as_form_data(draft: Autosave) -> QueryDict:
    """Return the fields as the form would submit them."""
    data = QueryDict(mutable=True)
    for name, values in draft.fields:
        data.setlist(name, values)
    return data
