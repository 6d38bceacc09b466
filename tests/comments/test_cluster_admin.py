import re

import pytest

from comments.identity import Reader
from comments.models import Cluster, Comment
from comments.moderation.decide import decide
from comments.readers.edits import NotEditable, edit
from comments.statuses import Status
from tests.comments.test_clusters import QUEUE_URL, SAID, check, cluster_of, post


def approve(client, cluster, page):
    """Approve the cluster with the form on the page."""
    shown = re.search(r'name="shown" value="([^"]+)"', page.text)[1]
    client.post(f"{QUEUE_URL}many/?queue=pending", {"cluster": cluster.pk, "shown": shown, "action": "approve"})


@pytest.mark.parametrize("address", ["?queue=pending", "cluster/{}/?queue=pending"])
def test_who_joins_a_cluster_when_it_was_shown_already_waits_on(moderator_client, article, address):
    shown = cluster_of(article, 4)
    cluster = Cluster.objects.get()
    page = moderator_client.get(QUEUE_URL + address.format(cluster.pk))
    late = post(article, 9)
    assert late.cluster_id == cluster.pk
    approve(moderator_client, cluster, page)
    assert set(Comment.objects.approved()) == set(shown)
    late.refresh_from_db()
    assert (late.status, late.is_collapsed) == (Status.PENDING, False)
    check()


def test_what_has_other_words_since_the_cluster_was_shown_waits_on(moderator_client, article):
    comments = cluster_of(article, 4)
    page = moderator_client.get(QUEUE_URL)
    comment = Comment.objects.get(pk=comments[1].pk)
    edit(comment, SAID.format("and tell them"), Reader(comment.device, comment.network))
    approve(moderator_client, Cluster.objects.get(), page)
    assert set(Comment.objects.approved()) == {*comments} - {comment}
    check()


@pytest.mark.parametrize("shown", ["", "x", "99", "99-nan", "99-inf", "99-1e30", "-1", "x-1"])
def test_without_what_was_shown_nothing_is_decided(moderator_client, article, shown):
    cluster_of(article, 3)
    answer = moderator_client.post(
        f"{QUEUE_URL}many/", {"cluster": Cluster.objects.get().pk, "shown": shown, "action": "approve"}, follow=True
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


def test_an_edit_knows_of_the_cluster_that_has_just_come_about(article):
    mine = post(article, 0)
    for number in range(1, 4):
        post(article, number)
    assert mine.cluster_id is None
    edit(mine, SAID.format("and soon"), Reader(mine.device, mine.network))
    assert Comment.objects.get(pk=mine.pk).cluster_id == Cluster.objects.get().pk
    check()
