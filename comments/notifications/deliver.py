"""Letters that are due, sent. At least once each: see `Letter` for what happens when a worker is killed.

The mail server is spoken to outside of any transaction, and nobody waits for it but the worker.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
import logging
import re
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Q
from django.utils import timezone

from comments.models import Confirmation, Declined, Letter, Subscription
from comments.models.notification import LEASE, PAUSES, TRIES
from comments.notifications.compose import compose
from comments.notifications.create import still_holds

SENT_KEPT = timedelta(days=90)
UNCONFIRMED_KEPT = timedelta(days=7)
CONFIRMATIONS_KEPT = timedelta(days=1)
DECLINED_KEPT = timedelta(days=365)

_AT_ONCE = 10  # then other work has its turn: each may take as long as a mail server hangs
_FORGOTTEN_AT_ONCE = 10_000  # the rest a minute later
_ERROR_LENGTH = 300
_LOCAL_PART = r"[^\s<>\"()\[\],:;]"
# No address may stand in a log. Tried at the beginning of each run only, so that the time is linear.
_ADDRESS = re.compile(rf"(?<!{_LOCAL_PART}){_LOCAL_PART}+@[^\s<>\"'(){{}}\[\],:;]+")

logger = logging.getLogger(__name__)


def deliver_due(*, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Looks at what is due, each once; how many letters that were."""
    due = Letter.objects.due(timezone.now()).order_by("due_at", "pk")
    looked_at = 0
    for pk in list(due.values_list("pk", flat=True)[:_AT_ONCE]):
        if is_stopping():
            break
        deliver(pk)
        looked_at += 1
    return looked_at


def deliver(pk: int) -> None:
    """Sends this letter, if it is due, nobody else has it, and it still holds. With it all due replies to the same."""
    letters = _take(pk)
    if not letters:
        return
    if letters[0].attempts > TRIES:  # each worker that took it was killed
        _finish(letters, state=Letter.State.FAILED, last_error="The worker stopped during every attempt to send it.")
        return
    try:
        wanted = [letter for letter in letters if still_holds(letter)]
        if wanted:
            compose(wanted).send()
    except (DatabaseError, InterfaceError):  # no fault of the letter; it is free again when the lease is over
        raise
    except Exception as error:  # whatever is wrong with this one, it is written down, and the others go out
        _put_off(letters, error)
    else:
        _finish([letter for letter in letters if letter not in wanted], state=Letter.State.CANCELLED, last_error="")
        _finish(wanted, state=Letter.State.SENT, last_error="", sent_at=timezone.now())


def _take(pk: int) -> list[Letter]:
    """What goes into one envelope, ours until the lease is over; empty if it is not due or somebody else has it."""
    now = timezone.now()
    with transaction.atomic():
        letter = Letter.objects.due(now).filter(pk=pk).first()
        if letter is None:
            return []
        together = Q(pk=pk)
        if letter.kind == Letter.Kind.REPLY:
            together |= Q(subscription=letter.subscription_id, kind=Letter.Kind.REPLY, envelope=letter.envelope)
        chosen = Letter.objects.due(now).filter(together).locked()  # what another worker took meanwhile is not due now
        if not Letter.objects.filter(pk__in=chosen).update(
            state=Letter.State.SENDING,
            lease_until=now + LEASE,
            attempts=F("attempts") + 1,
            envelope=letter.envelope or min(chosen, default=pk),
        ):
            return []
    if letter.state == Letter.State.SENDING:
        logger.warning("Email %s was abandoned by its worker and will be sent again.", letter.pk)
    people = ("subscription", "user", "decision__comment__article", "comment__article", "comment__parent")
    mine = Letter.objects.filter(pk__in=chosen, state=Letter.State.SENDING, lease_until=now + LEASE)
    return list(mine.select_related(*people).order_by("pk"))


def _put_off(letters: Sequence[Letter], error: Exception) -> None:
    first = letters[0]
    text = _without_addresses(f"{type(error).__name__}: {error}", first.address)[:_ERROR_LENGTH]
    pause = None if _is_final(error) or first.attempts > len(PAUSES) else PAUSES[first.attempts - 1]
    logger.warning("Email %s could not be sent (attempt %s of %s): %s", first.pk, first.attempts, TRIES, text)
    if pause is None:
        _finish(letters, state=Letter.State.FAILED, last_error=text)
    else:
        _finish(letters, state=Letter.State.WAITING, last_error=text, due_at=timezone.now() + pause)


def _without_addresses(text: str, own: str) -> str:
    """Its own as it stands, since that of a member of staff may hold quotes and blanks; the others by their look."""
    return _ADDRESS.sub("…", text.replace(own, "…") if own else text)


def _is_final(error: Exception) -> bool:
    """The server has said of this very letter that it will never take it (5xx): to ask again would be a nuisance."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _text in error.recipients.values())
    return isinstance(error, SMTPDataError) and 500 <= error.smtp_code < 600


def _finish(letters: Sequence[Letter], **changes: object) -> None:
    """Only what is still ours: if the lease ran out meanwhile, the letter is somebody else's."""
    if letters:
        mine = Letter.objects.filter(state=Letter.State.SENDING, lease_until=letters[0].lease_until)
        with transaction.atomic():
            still = mine.filter(pk__in=[letter.pk for letter in letters]).locked()
            Letter.objects.filter(pk__in=still).update(lease_until=None, **changes)


def forget() -> None:
    """Letters long done, addresses that nobody confirmed, who asked for letters more than a day ago or declined them
    more than a year ago."""
    now = timezone.now()
    done = [Letter.State.SENT, Letter.State.CANCELLED]
    old = Letter.objects.filter(state__in=done, due_at__lt=now - SENT_KEPT).order_by()
    with transaction.atomic():
        some = Letter.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE]))
        Letter.objects.filter(pk__in=some.locked()).delete()
    Subscription.objects.filter(confirmed_at=None, created_at__lt=now - UNCONFIRMED_KEPT).forget()
    Confirmation.objects.filter(at__lt=now - CONFIRMATIONS_KEPT).delete()
    Declined.objects.filter(at__lt=now - DECLINED_KEPT).delete()
