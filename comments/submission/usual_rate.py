"""Usual number of new devices a minute, measured by the worker over four weeks."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.utils import timezone

from articles.models.singleton import SINGLETON_PK
from comments.models import Attack, NewDeviceHour, NewDevicePost, UsualRate
from comments.models.attack import QUIET_PERIOD
from comments.submission.attack_mode import counted_devices

# For posts of new devices: longer than a proof of work is valid, because a proof may be used once.
POST_RETENTION = timedelta(minutes=15)
MEASURING_PERIOD = timedelta(days=28)
MIN_HOURS = 24  # with fewer measured hours the minimum limits apply
USUAL_QUANTILE = 0.5  # the median: an attacker who wants to raise it has to post during half of all hours


def update_usual_rate() -> None:
    """Add the posts of completed minutes to their hours, delete expired posts and hours, and update the usual rate."""
    over = timezone.now().replace(second=0, microsecond=0)
    busiest: dict[datetime, list[int]] = defaultdict(lambda: [0, 0])
    for minute, (site, article) in _devices_per_minute(over).items():
        most = busiest[minute.replace(minute=0)]
        most[:] = max(most[0], site), max(most[1], article)
    for hour, (site, article) in busiest.items():
        _update_hour(hour, site, article)
    NewDevicePost.objects.filter(at__lt=over - POST_RETENTION).delete()
    NewDeviceHour.objects.filter(hour__lt=over - MEASURING_PERIOD).delete()
    _update_usual_rate()


def _devices_per_minute(over: datetime) -> dict[datetime, tuple[int, int]]:
    """Return, for each completed minute, the new devices on the site and under the busiest article."""
    posts: dict[datetime, dict[int, list[NewDevicePost]]] = defaultdict(lambda: defaultdict(list))
    for post in NewDevicePost.objects.filter(at__lt=over):
        posts[post.at.replace(second=0, microsecond=0)][post.article_id].append(post)
    return {
        minute: (counted_devices(chain(*of_article.values())), max(map(counted_devices, of_article.values())))
        for minute, of_article in posts.items()
    }


@transaction.atomic
def _update_hour(hour: datetime, site: int, article: int) -> None:
    known, _is_new = NewDeviceHour.objects.select_for_update().get_or_create(hour=hour)
    known.site, known.article = max(known.site, site), max(known.article, article)
    until = hour + timedelta(hours=1)
    known.is_attack |= Attack.objects.filter(started_at__lt=until, last_exceeded_at__gt=hour - QUIET_PERIOD).exists()
    known.save()


def _update_usual_rate() -> None:
    hours = list(NewDeviceHour.objects.filter(is_attack=False, site__gt=0).values_list("site", "article"))
    if len(hours) < MIN_HOURS:
        return
    place = int(USUAL_QUANTILE * (len(hours) - 1))
    site, article = (sorted(column)[place] for column in zip(*hours, strict=True))
    UsualRate.objects.update_or_create(pk=SINGLETON_PK, defaults={"site": site, "article": article})
