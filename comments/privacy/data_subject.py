"""One person, as far as we can know one: by device, or by an address that whoever reads it has confirmed."""

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
    """Nothing is known of such a person. Speaks to whoever runs the command."""


@dataclass(frozen=True)
class DataSubject:
    """`written` are comments that no device is known of. What `is_theirs_alone`, nobody else has ever used."""

    devices: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()
    comment_ids: frozenset[int] = frozenset()

    @classmethod
    def of_device(cls, device: str) -> DataSubject:
        """With the address of its letters, if it is confirmed. Raises Nobody."""
        confirmed = Subscription.objects.filter(device=device, confirmed_at__isnull=False)
        return cls(frozenset({device}), frozenset(confirmed.values_list("address", flat=True)))._known()

    @classmethod
    def of_address(cls, address: str) -> DataSubject:
        """With the devices for which it is confirmed (any device can ask for letters to any address), and what was
        imported as written under it. Another spelling of the same mailbox is the same person. Raises Nobody.
        """
        confirmed = Subscription.objects.to_mailbox(address).filter(confirmed_at__isnull=False)
        devices = {*confirmed.values_list("device", flat=True), device_of_email(address)}
        return cls(frozenset(devices), frozenset({address, *confirmed.values_list("address", flat=True)}))._known()

    @classmethod
    def of_comment(cls, pk: int) -> DataSubject:
        """Its device, or that one comment if none is known. Raises Nobody."""
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
        """Also those that somebody else has asked for, and whoever reads the address has not confirmed."""
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
        """Of a network or a name that others use, too, a block is not about this person alone, and is not theirs."""
        return Block.objects.filter(
            Q(kind=Block.Kind.DEVICE, key__in=self.devices)
            | Q(kind=Block.Kind.NETWORK, key__in=self._alone("network"))
            | Q(kind=Block.Kind.NAME, key__in=self._alone("name_key"))
        ).order_by("pk")

    def backtests(self) -> list[BackgroundJob]:
        """Of blocks that would be of this person: their titles say of whom."""
        of_blocks = BackgroundJob.objects.filter(
            kind=BackgroundJob.Kind.BACKTEST, parameters__subject="block"
        ).order_by("pk")
        own = self.devices | self._alone("network") | frozenset(self.comments().values_list("name", flat=True))
        return [job for job in of_blocks if job.parameters["fields"].get("value") in own]

    def _alone(self, column: str) -> frozenset[str]:
        """What of their comments nobody else's comment has."""
        own = set(self.comments().exclude(**{column: ""}).values_list(column, flat=True).order_by())
        others = Comment.objects.filter(**{f"{column}__in": own}).exclude(pk__in=self.comments().values("pk"))
        return frozenset(own - set(others.values_list(column, flat=True).order_by().distinct()))
