from datetime import UTC, datetime
import re

from django.contrib.redirects.models import Redirect
from django.core.management import CommandError, call_command
import pytest

from articles.models import Article, Author, Section, Tag
from comments.identity import hash_network
from comments.models import Comment, Conversation, Decision, ImportedComment
from comments.moderation.decide import decide
from comments.statuses import Policy, Status
from newsite.importers.wordpress import importer
from tests.comments.test_invariants import check
from tests.support.wxr_builder import author, category, comment, post, wxr

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("1", Status.APPROVED),
        ("0", Status.PENDING),
        ("spam", Status.SPAM),
        ("trash", Status.REJECTED),
        ("post-trashed", Status.REJECTED),
        ("strange", Status.PENDING),
    ],
)
def test_comments_keep_their_state(run_import, state, status):
    run_import(post(7, comment(3, comment_approved=state)))
    assert Comment.objects.get().status == status


def test_a_comment_keeps_its_words_its_time_its_number_and_no_address(run_import):
    text = "One &amp; <b>two</b>\n<a href='http://a.example/'>there</a><script>x</script>" + " long" * 2000
    run_import(post(7, comment(345, text, comment_author="Anna &amp; <i>Bo</i>", date="2012-01-05 03:02:01")))
    found = Comment.objects.get()
    assert found.text == "One & two\nthere (http://a.example/)" + " long" * 2000
    assert (found.pk, found.name) == (345, "Anna & Bo")
    assert found.created_at == datetime(2012, 1, 5, 3, 2, 1, tzinfo=UTC)
    assert found.network == hash_network("192.0.2.7")
    stored = str([list(model.objects.values_list()) for model in (Comment, Decision, ImportedComment)])
    assert "anna@example.org" not in stored
    assert "192.0.2.7" not in stored


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"comment_type": "pingback"}, "a pingback, not a reader’s comment"),
        ({"comment_type": "note"}, "a note, not a reader’s comment"),
        ({"comment_content": "<img>"}, "it has no text"),
        ({"date": "0000-00-00 00:00:00"}, "it has no date"),
        ({"comment_id": "x"}, "it has no id"),
    ],
)
def test_comments_that_are_not_taken_are_named(run_import, fields, reason):
    said = run_import(post(7, comment(3, **fields)))
    assert not Comment.objects.exists()
    assert any(line.startswith("skipped: comment") and line.endswith(reason) for line in said)


def test_a_second_comment_of_one_number_is_skipped_and_counted_once(run_import):
    said = run_import(post(7, comment(3, "One."), comment(3, "Another.")))
    assert "skipped: comment 3: another comment of the export has the same id" in said
    assert "comments: 1 skipped, 1 new" in said
    assert [each.text for each in Comment.objects.all()] == ["One."]


def test_replies_find_their_parents(run_import):
    run_import(post(7, comment(3, parent=5), comment(5), comment(4, parent=3)), post(8, comment(9, parent=5)))
    comments = Comment.objects.in_bulk()
    assert (comments[3].parent_id, comments[4].thread_id, comments[9].parent_id) == (5, 5, None)
    check(Article.objects.get(slug="post-7"))


def test_an_anonymous_comment_has_a_name(run_import):
    run_import(post(7, comment(3, comment_author=" ")))
    assert Comment.objects.get().name == "Anonymous"


def test_a_closed_conversation_is_closed(run_import):
    run_import(post(7, comment_status="closed"))
    assert Conversation.objects.get().policy == Policy.CLOSED


def test_a_second_time_nothing_changes(run_import):
    export = (
        category("town", "Town"),
        post(7, comment(3), comment(4, parent=3)),
        post(8, link="https://old.example/x/"),
    )
    run_import(*export)

    def everything():
        rows = [model.objects.order_by("pk").values_list() for model in (Article, Comment, Decision, Redirect, Tag)]
        return [list(each) for each in rows]

    before = everything()
    assert run_import(*export) == ["articles: 2 unchanged", "comments: 2 unchanged"]
    assert everything() == before


def test_what_changed_there_is_brought_up_to_date_and_what_changed_here_stays(run_import, moderator):
    run_import(post(7, comment(3), comment(4)), post(8))
    decide(Comment.objects.get(pk=3), Status.REJECTED, actor=moderator)
    ours = Article.objects.get(slug="post-8")
    ours.headline = "Ours"
    ours.save()
    said = run_import(
        post(7, comment(3, "Theirs"), comment(4, "Better"), title="Better"), post(8, comment(5), title="Theirs")
    )
    assert [article.headline for article in Article.objects.order_by("slug")] == ["Better", "Ours"]
    assert [each.text for each in Comment.objects.order_by("pk")] == ["I was there.", "Better", "I was there."]
    assert "note: comment 3: changed there, but decided or edited here since: our version is kept" in said
    assert any("edited here since: our version is kept" in line for line in said if line.startswith("note: post 8"))


def test_killed_half_way_and_run_again_it_is_complete(run_import, monkeypatch):
    monkeypatch.setattr(importer, "POST_BATCH_SIZE", 2)
    monkeypatch.setattr(importer, "COMMENT_BATCH_SIZE", 4)
    export = [post(n, *(comment(10 * n + m, parent=10 * n if m else 0) for m in range(3))) for n in range(1, 6)]

    class Killed(BaseException):
        pass

    def kill_at_the_third(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return real(*arguments)

    calls, real = [], importer.import_articles
    monkeypatch.setattr(importer, "import_articles", kill_at_the_third)
    with pytest.raises(Killed):
        run_import(*export)
    assert 0 < Article.objects.count() < 5
    monkeypatch.setattr(importer, "import_articles", real)
    run_import(*export)
    assert (Article.objects.count(), Comment.objects.count()) == (5, 15)
    for article in Article.objects.all():
        check(article)


def test_a_dry_run_says_all_and_stores_nothing(run_import):
    said = run_import(post(7, comment(3), comment(4, comment_type="pingback")), dry_run=True)
    assert said[-1] == "Dry run: nothing was stored."
    assert {"articles: 1 new", "comments: 1 skipped, 1 new"} <= set(said)
    for model in (Article, Comment, Redirect, Section, Tag, Author):
        assert not model.objects.exists()


def test_a_broken_file_is_told_and_all_before_it_is_kept(tmp_path, capsys):
    path = tmp_path / "export.xml"
    path.write_text(wxr(author(), post(7, comment(3)), post(8))[:-80])
    with pytest.raises(CommandError, match=r"export.xml, line \d+, column \d+: the file is incomplete"):
        call_command("import_wordpress", path)
    assert Article.objects.get().slug == "post-7"
    assert Comment.objects.exists()
    assert "Everything before that is kept." in capsys.readouterr().out


@pytest.mark.parametrize("content", ["", "<html><body>Login</body></html>", "<rss"])
def test_a_file_that_is_no_export_leaves_nothing_behind(run_import, content):
    with pytest.raises(CommandError, match="export"):
        run_import(f"<?xml version='1.0'?>{content}")
    assert not Redirect.objects.exists()


def test_the_report_can_go_to_a_file(run_import, tmp_path):
    said = run_import(post(7, status="trash"), report=tmp_path / "report.txt")
    assert said == ["posts: 1 skipped", "redirects: 6 new"]
    assert (tmp_path / "report.txt").read_text() == "skipped: post 7 “A title”: it is in the trash\n"


def test_the_number_of_a_comment_that_is_not_free_is_named(run_import):
    run_import(post(7, comment(3)), source="first")
    said = run_import(post(7, comment(3)), source="second")
    other = Comment.objects.latest("pk").pk
    assert f"note: comment 3: its id is taken here: imported as comment {other}" in said


def test_the_real_export_is_here_whole_and_once(wordpress_export, capsys, client):
    text = wordpress_export.read_text()
    items = re.findall(r"<item>(.*?)</item>", text, re.DOTALL)

    def field(item, name):
        found = re.search(rf"<wp:{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</wp:{name}>", item, re.DOTALL)
        return found[1] if found else ""

    taken = [item for item in items if field(item, "post_type") in {"post", "page"}]
    public = [item for item in taken if field(item, "status") == "publish" and not field(item, "post_password")]
    comments = [each for item in taken for each in re.findall(r"<wp:comment>(.*?)</wp:comment>", item, re.DOTALL)]
    comments = [each for each in comments if field(each, "comment_type") in {"", "comment"}]
    for _time in range(2):
        call_command("import_wordpress", wordpress_export, pages_section="Pages")
        assert Article.objects.count() == len(taken)
        assert Article.objects.published().count() == len(public)
        assert Comment.objects.count() == len(comments)
        ids = {field(each, "comment_id") for each in comments}
        replies = [each for each in comments if field(each, "comment_parent") in ids]
        assert Comment.objects.filter(parent__isnull=False).count() == len(replies)
        assert Comment.objects.approved().count() == sum(field(each, "comment_approved") == "1" for each in comments)
        for article in Article.objects.filter(conversation__isnull=False):
            check(article)
    assert f"articles: {len(taken)} unchanged" in capsys.readouterr().out
    for article in Article.objects.published():
        assert client.get(article.get_absolute_url()).status_code == 200
