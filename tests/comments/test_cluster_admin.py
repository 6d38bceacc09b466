import re

from django.test import Client
import pytest

from comments.identity import Reader
from comments.models import Cluster, Comment
from comments.moderation.decide import decide
from comments.readers.edits import NotEditable, edit
from comments.statuses import Status
from tests.comments.test_clusters import DESK, SAID, check, cluster_of, post


@pytest.fixture
def desk(moderator):
    client = Client()
    client.force_login(moderator)
    return client


def approve(client, raid, page):
    """As its form on that page does."""
    shown = re.search(r'name="shown" value="([^"]+)"', page.text)[1]
    client.post(f"{DESK}many/?queue=waiting", {"cluster": raid.pk, "shown": shown, "move": "approve"})


@pytest.mark.parametrize("address", ["?queue=waiting", "raid/{}/?queue=waiting"])
def test_who_joins_a_raid_when_it_was_shown_already_waits_on(desk, article, address):
    shown = cluster_of(article, 4)
    raid = Cluster.objects.get()
    page = desk.get(DESK + address.format(raid.pk))
    late = post(article, 9)
    assert late.cluster_id == raid.pk
    approve(desk, raid, page)
    assert set(Comment.objects.approved()) == set(shown)
    late.refresh_from_db()
    assert (late.status, late.is_collapsed) == (Status.PENDING, False)
    check()


def test_what_has_other_words_since_the_raid_was_shown_waits_on(desk, article):
    comments = cluster_of(article, 4)
    page = desk.get(DESK)
    comment = Comment.objects.get(pk=comments[1].pk)
    edit(comment, SAID.format("and tell them"), Reader(comment.device, comment.network))
    approve(desk, Cluster.objects.get(), page)
    assert set(Comment.objects.approved()) == {*comments} - {comment}
    check()


@pytest.mark.parametrize("shown", ["", "x", "99", "99-nan", "99-inf", "99-1e30", "-1", "x-1"])
def test_without_what_was_shown_nothing_is_decided(desk, article, shown):
    cluster_of(article, 3)
    answer = desk.post(
        f"{DESK}many/", {"cluster": Cluster.objects.get().pk, "shown": shown, "move": "approve"}, follow=True
    )
    assert "No comments selected." in answer.text
    assert not Comment.objects.approved().exists()


def test_whoever_edits_what_a_moderator_has_just_decided_on_is_told_so(article, moderator):
    comment = cluster_of(article, 3)[0]
    as_its_author_saw_it = Comment.objects.get(pk=comment.pk)
    decide(Comment.objects.get(pk=comment.pk), Status.APPROVED, actor=moderator)
    with pytest.raises(NotEditable, match="A moderator has just reviewed it"):
        edit(as_its_author_saw_it, "The weather of this week in town.", Reader(comment.device, comment.network))
    comment.refresh_from_db()
    assert comment.text == SAID.format(0)
    check()


def test_an_edit_knows_of_the_raid_that_has_just_come_about(article):
    mine = post(article, 0)
    for number in range(1, 4):
        post(article, number)
    assert mine.cluster_id is None
    edit(mine, SAID.format("and soon"), Reader(mine.device, mine.network))
    assert Comment.objects.get(pk=mine.pk).cluster_id == Cluster.objects.get().pk
    check()
