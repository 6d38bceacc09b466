from datetime import UTC, date, datetime

from django.contrib.redirects.models import Redirect
from django.core.management import CommandError, call_command
import pytest

from comments.models import Comment
from comments.moderation.decide import decide
from comments.statuses import Status
from comments.threads.pages import conversation_page
from tests.comments.test_invariants import check
from tests.conftest import make_article
from tests.support.wxr_builder import disqus, message, thread

pytestmark = pytest.mark.django_db
AT = datetime(2012, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def article():
    return make_article(slug="a", published_at=AT)


@pytest.fixture
def run_import(tmp_path, capsys):
    """Import an export; return the lines of the report."""

    def run(*parts, **options):
        path = tmp_path / "disqus.xml"
        path.write_text(disqus(*parts))
        call_command("import_disqus", path, **options)
        return capsys.readouterr().out.splitlines()

    return run


HERE = thread("11", "https://old.example/2012/01/03/a/")


def test_comments_come_to_the_article_at_the_path_of_their_thread(run_import, article):
    run_import(HERE, message("21", "11", "<p>One<br>two</p><p>three</p>"), message("22", "11", parent="21"))
    opening, reply = Comment.objects.order_by("created_at", "pk")
    assert (opening.article, opening.text, opening.name) == (article, "One\ntwo\n\nthree", "Anna")
    assert opening.created_at == datetime(2012, 1, 4, 10, tzinfo=UTC)
    assert reply.parent == opening
    assert opening.device.startswith("mail")
    assert opening.network
    check(article)


@pytest.mark.parametrize(
    "link",
    [
        "http://old.example/2012/01/03/a/",
        "https://old.example/2012/01/03/a?utm_source=x",
        "https://old.example/2012/01/03/a/#comments",
        "https://old.example/archives/a.html",
        "https://old.example/?p=12",
        "https://old.example/even/older/",
    ],
)
def test_a_thread_finds_its_article_also_by_where_it_stood(run_import, article, settings, link):
    for old, new in [("/archives/a.html", "/2012/01/03/a/"), ("/?p=12", "/2012/01/03/a/"), ("/even/older/", "/?p=12")]:
        Redirect.objects.create(site_id=settings.SITE_ID, old_path=old, new_path=new)
    run_import(thread("11", link), message("21", "11"))
    assert Comment.objects.get().article == article


def test_a_thread_finds_its_article_by_the_number_that_wordpress_gave(run_import, article, settings):
    Redirect.objects.create(site_id=settings.SITE_ID, old_path="/?p=12", new_path="/2012/01/03/a/")
    run_import(thread("11", "https://old.example/nowhere/", id="12 https://old.example/?p=12"), message("21", "11"))
    assert Comment.objects.get().article == article


def test_several_threads_of_one_article_are_one_conversation(run_import, article):
    run_import(HERE, thread("12", "http://old.example/2012/01/03/a/?x=1"), message("21", "11"), message("22", "12"))
    assert len(conversation_page(article.pk).threads) == 2


def test_spam_stays_spam(run_import, article):
    run_import(HERE, message("21", "11", isSpam="true"))
    assert Comment.objects.get().status == Status.SPAM


def test_what_was_deleted_keeps_its_place_for_replies_and_nothing_else(run_import, article, client):
    said = run_import(
        HERE,
        message("21", "11", "<p>A secret</p>", isDeleted="true", name="Berta"),
        message("22", "11", "<p>Another</p>", parent="21", isDeleted="true"),
        message("23", "11", "<p>An answer</p>", parent="22"),
        message("24", "11", "<p>Gone</p>", isDeleted="true"),
        message("25", "11", "<p>Gone as well</p>", parent="24", isDeleted="true"),
    )
    gone, also_gone, answer = Comment.objects.order_by("level")
    assert [(each.text, each.status, each.device, each.network) for each in (gone, also_gone)] == [
        ("", Status.WITHDRAWN, "", "")
    ] * 2
    assert answer.parent == also_gone
    assert "skipped: comment 24: it was deleted and has no replies" in said
    page = client.get(article.get_absolute_url()).content.decode()
    assert "An answer" in page
    assert not any(word in page for word in ("A secret", "Berta", "Gone"))
    check(article)


def test_posts_before_their_parents_and_without_a_number_are_taken(run_import, article):
    parts = (HERE, message("22", "11", parent="21"), message("21", "11"), message(None, "11", "<p>No number</p>"))
    assert run_import(*parts) == ["comments: 3 new"]
    assert Comment.objects.filter(parent__isnull=False).count() == 1
    assert run_import(*parts) == ["comments: 3 unchanged"]


def test_an_anonymous_one_has_a_name(run_import, article):
    run_import(HERE, message("21", "11", name="", email="", username="", isAnonymous="true"))
    assert (Comment.objects.get().name, Comment.objects.get().device) == ("Anonymous", "")


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ([HERE, message("21", "99")], "its thread is not in the export"),
        (
            [thread("11", "https://old.example/else/"), message("21", "11")],
            "no article has, or had, the URL https://old",
        ),
        ([thread("11", ""), message("21", "11")], "of its thread, which is empty"),
        ([thread("11", "https://old.example/2012/13/45/a/"), message("21", "11")], "no article has, or had, the URL"),
        ([HERE, message("21", "11", createdAt="never")], "it has no date"),
        ([HERE, message("21", "11", "<p></p>")], "it has no text"),
    ],
)
def test_what_is_not_taken_is_named_with_the_reason(run_import, article, parts, reason):
    said = run_import(*parts)
    assert not Comment.objects.exists()
    assert said[0].startswith("skipped: comment 21: ")
    assert reason in said[0]


def test_what_a_moderator_decided_is_kept(run_import, article, moderator):
    run_import(HERE, message("21", "11"))
    decide(Comment.objects.get(), Status.REJECTED, actor=moderator)
    said = run_import(HERE, message("21", "11", "<p>Other words</p>"))
    assert said[-1] == "comments: 1 kept"
    assert Comment.objects.get().status == Status.REJECTED


def test_a_dry_run_stores_nothing(run_import, article):
    assert run_import(HERE, message("21", "11"), dry_run=True)[0] == "comments: 1 new"
    assert not Comment.objects.exists()


def test_a_broken_file_is_told_and_all_before_it_is_kept(article, tmp_path):
    path = tmp_path / "disqus.xml"
    path.write_text(disqus(HERE, message("21", "11"), message("22", "11"))[:-60])
    with pytest.raises(CommandError, match="the file is incomplete"):
        call_command("import_disqus", path)
    assert Comment.objects.count() == 1


def test_drafts_of_that_day_do_not_count(run_import, article):
    assert article.day == date(2012, 1, 3)
    make_article(slug="a", published_at=None)
    run_import(HERE, message("21", "11"))
    assert Comment.objects.get().article == article
