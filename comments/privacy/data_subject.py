"""Data subject: one person, identified by device or by a confirmed email address."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from comments.imports.records import device_of_email
from comments.models import (
    BackgroundJob,
    Block,
    Comment,
    ConfirmationRequest,
    NewDevicePost,
    Notification,
    RateLimitEvent,
    Recommendation,
    Report,
    Subscription,
    SuppressedAddress,
)
from comments.models.comment import CommentQuerySet
from comments.models.notification import SubscriptionQuerySet, address_key


class DataSubjectNotFound(Exception):
    """No data is stored about such a person. The message is for the person who runs the command."""


@dataclass(frozen=True)
class DataSubject:
    """One person's devices, addresses, and comments without a device."""

    devices: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    comment_ids: frozenset[int] = frozenset()

    @classmethod
    def of_device(cls, device: str) -> DataSubject:
        """Return the person with this device and its confirmed address. Raise DataSubjectNotFound."""
        confirmed = Subscription.objects.filter(device=device, confirmed_at__isnull=False)
        return cls(frozenset({device}), frozenset(confirmed.values_list("address", flat=True)))._known()

    @classmethod
    def of_address(cls, address: str) -> DataSubject:
        """Return the person with this address.

        Includes the devices for which the address is confirmed (any device can request emails to any address) and
        comments imported under it. Other spellings of the same mailbox are the same person. Raise DataSubjectNotFound.
        """
        confirmed = Subscription.objects.to_mailbox(address).filter(confirmed_at__isnull=False)
        devices = {*confirmed.values_list("device", flat=True), device_of_email(address)}
        return cls(frozenset(devices), frozenset({address, *confirmed.values_list("address", flat=True)}))._known()

    @classmethod
    def of_comment(cls, pk: int) -> DataSubject:
        """Return the person with the device of this comment, or only the comment if it has none.

        Raise DataSubjectNotFound.
        """
        comment = Comment.objects.filter(pk=pk).first()
        if comment is None or comment.anonymized_at:
            raise DataSubjectNotFound(f"Comment {pk} does not exist or has been anonymized.")
        return cls.of_device(comment.device) if comment.device else cls(comment_ids=frozenset({pk}))

    def _known(self) -> DataSubject:
        kinds = (
            self.comments(),
            self.recommendations(),
            self.reports(),
            self.subscriptions(),
            self.confirmation_requests(),
        )
        if not any(found.exists() for found in (*kinds, self.suppressed_addresses(), self.blocks())):
            raise DataSubjectNotFound("No data is stored about this person.")
        return self

    def comments(self) -> CommentQuerySet:
        return Comment.objects.filter(Q(device__in=self.devices) | Q(pk__in=self.comment_ids)).order_by("pk")

    def recommendations(self) -> QuerySet[Recommendation]:
        return Recommendation.objects.filter(device__in=self.devices).order_by("pk")

    def reports(self) -> QuerySet[Report]:
        return Report.objects.filter(device__in=self.devices).order_by("pk")

    def rate_limit_events(self) -> QuerySet[RateLimitEvent]:
        return RateLimitEvent.objects.filter(device__in=self.devices).order_by("pk")

    def new_device_posts(self) -> QuerySet[NewDevicePost]:
        of_theirs = Q(device__in=self.devices) | Q(comment__device__in=self.devices)
        return NewDevicePost.objects.filter(of_theirs).order_by("pk")

    def subscriptions(self) -> SubscriptionQuerySet:
        """Return the subscriptions, also unconfirmed ones that another person requested for this address."""
        found = Subscription.objects.filter(device__in=self.devices)
        for address in self.addresses:
            found |= Subscription.objects.to_mailbox(address)
        return found.order_by("pk")

    def notifications(self) -> QuerySet[Notification]:
        return Notification.objects.filter(subscription__in=self.subscriptions()).order_by("pk")

    def confirmation_requests(self) -> QuerySet[ConfirmationRequest]:
        keys = [address_key(address) for address in self.addresses]
        return ConfirmationRequest.objects.filter(Q(device__in=self.devices) | Q(address_key__in=keys)).order_by("pk")

    def suppressed_addresses(self) -> QuerySet[SuppressedAddress]:
        return SuppressedAddress.objects.filter(address_key__in=[address_key(address) for address in self.addresses])

    def blocks(self) -> QuerySet[Block]:
        """Return the blocks of this person only, not of a network or a name that other readers share."""
        return Block.objects.filter(
            Q(kind=Block.Kind.DEVICE, key__in=self.devices)
            | Q(kind=Block.Kind.NETWORK, key__in=self._alone("network"))
            | Q(kind=Block.Kind.NAME, key__in=self._alone("name_key"))
        ).order_by("pk")

    def backtests(self) -> list[BackgroundJob]:
        """Return the backtests of blocks of this person: their titles name the person."""
        of_blocks = BackgroundJob.objects.filter(
            kind=BackgroundJob.Kind.BACKTEST, parameters__subject="block"
        ).order_by("pk")
        own = self.devices | self._alone("network") | frozenset(self.comments().values_list("name", flat=True))
        return [job for job in of_blocks if job.parameters["fields"].get("value") in own]

    def _alone(self, column: str) -> frozenset[str]:
        """Return the values in this column that only this person's comments have."""
        own = set(self.comments().exclude(**{column: ""}).values_list(column, flat=True).order_by())
        others = Comment.objects.filter(**{f"{column}__in": own}).exclude(pk__in=self.comments().values("pk"))
        return frozenset(own - set(others.values_list(column, flat=True).order_by().distinct()))
