from datetime import timedelta

from django.utils import timezone
import pytest

from comments.models import BackgroundJob
from tests.conftest import make_user

pytestmark = pytest.mark.database
DURATION = timedelta(minutes=2)


@pytest.fixture
def jobs(db):
    actor = make_user("editor", "Editors")
    for _ in range(2):
        BackgroundJob.objects.create(kind=BackgroundJob.Kind.BULK, actor=actor)
    return BackgroundJob.objects.all()


def test_what_is_leased_is_not_leased_again_until_the_lease_expires(jobs):
    now = timezone.now()
    one = jobs.filter(pk=jobs[0].pk)
    assert one.take_lease(now, DURATION, title="first") == now + DURATION
    assert one.take_lease(now + timedelta(seconds=1), DURATION, title="second") is None
    assert list(jobs.unleased(now).values_list("title", flat=True)) == [""]
    assert one.take_lease(now + DURATION, DURATION, title="third") == now + 2 * DURATION
    assert one.get().title == "third"


def test_who_was_too_slow_changes_nothing(jobs):
    now = timezone.now()
    slow = jobs.take_lease(now, DURATION)
    quick = jobs.filter(pk=jobs[0].pk).take_lease(now + DURATION, DURATION)
    assert jobs.leased_until(slow).count() == 1
    assert jobs.end_lease(slow, title="slow") == 1
    assert sorted(jobs.values_list("title", "lease_expires_at"), key=str) == [("", quick), ("slow", None)]


def test_nothing_is_no_lease(jobs):
    assert jobs.none().take_lease(timezone.now(), DURATION) is None
