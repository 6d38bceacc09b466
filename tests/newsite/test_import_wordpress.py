from datetime import UTC, date, datetime
import re

from django.contrib.redirects.models import Redirect
from django.core.management import CommandError, call_command
import pytest

from articles.models import Article, Author, Section, Tag
from comments.models import Comment, Conversation, Decision, ImportedComment
from comments.moderation import decide
from comments.readers import network_of
from comments.statuses import Policy, Status
from newsite.moving import wordpress
from tests.comments.test_invariants import check
from tests.wxr import author, category, comment, post, wxr

pytestmark = pytest.mark.django_db


@pytest.fixture
def moved(tmp_path, capsys):
    """Imports an export; returns the lines of the report."""

    def run(*parts, **options):
        path = tmp_path / "export.xml"
        path.write_text(parts[0] if parts[0].startswith("<?xml") else wxr(author(), *parts))
        call_command("import_wordpress", path, **options)
        return capsys.readouterr().out.splitlines()

    return run


def redirects():
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def test_a_post_becomes_an_article_at_its_old_address(moved, client):
    moved(category("town", "Town"), post(7, comment(3), excerpt="In short.", terms=(("category", "town", "Town"),)))
    article = Article.objects.get()
    assert (article.headline, article.standfirst, article.body) == ("A title", "In short.", "<p>Some text.</p>")
    assert article.published_at == datetime(2012, 1, 3, 17, 11, 37, tzinfo=UTC)
    assert [byline.author.name for byline in article.bylines.all()] == ["Ada Lovelace"]
    assert article.section.name == "Town"
    page = client.get("/2012/01/03/post-7/").content.decode()
    assert "A title" in page
    assert 'id="comment-3"' in page


def test_the_day_of_the_address_is_that_of_the_old_sites_clock(moved):
    moved(post(7, date="2012-01-04 01:00:00", gmt="2012-01-03 17:00:00"))
    article = Article.objects.get()
    assert (article.day, article.published_at.day) == (date(2012, 1, 4), 3)
    article.save()
    assert Article.objects.get().day == date(2012, 1, 4)


@pytest.mark.parametrize(
    ("fields", "is_public", "note"),
    [
        ({"status": "publish"}, True, ""),
        ({"status": "draft"}, False, ""),
        ({"status": "pending"}, False, ""),
        ({"status": "private"}, False, "it was private"),
        ({"status": "future", "date": "2090-01-01 12:00:00"}, False, ""),
        ({"status": "publish", "post_password": "enter"}, False, "protected by a password"),
        ({"status": "publish", "date": "0000-00-00 00:00:00", "link": "/a/"}, False, "no date"),
        ({"status": "strange"}, False, "its state is strange"),
        ({"is_sticky": 1}, True, "it was sticky"),
        ({"title": ""}, True, "it has no title"),
    ],
)
def test_what_was_public_is_public_and_nothing_else(moved, fields, is_public, note):
    said = moved(post(7, **fields))
    assert Article.objects.published().exists() == is_public
    assert Article.objects.exists()
    assert any(line.startswith("note: post 7") and note in line for line in said) == bool(note)


def test_what_waited_for_review_is_ready_for_it(moved):
    moved(post(7, status="pending"))
    assert Article.objects.get().is_ready


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "trash"}, "it is in the trash"),
        ({"status": "auto-draft"}, "an empty draft"),
        ({"post_type": "page"}, "--pages-section takes pages in"),
        ({"post_type": "nav_menu_item"}, "of the kind nav_menu_item"),
        ({"post_id": 0}, "it has no number"),
    ],
)
def test_what_becomes_no_article_is_named_with_the_reason(moved, fields, reason):
    said = moved(post(7, comment(3), **fields))
    assert not Article.objects.exists()
    assert not Comment.objects.exists()
    assert reason in next(line for line in said if line.startswith("skipped: "))
    assert "skipped: comment 3: what it is about was not taken" in said


def test_pages_come_as_articles_when_they_are_asked_for(moved, client):
    moved(post(7, post_type="page", link="https://old.example/about/us/", terms=()), pages_section="Pages")
    article = Article.objects.get()
    assert article.section.name == "Pages"
    for old in ("/about/us/", "/?p=7", "/?page_id=7"):
        assert redirects()[old] == article.get_absolute_url()
    assert redirects()["/about/us/feed/"] == f"{article.get_absolute_url()}feed/"


def test_the_category_at_the_top_is_the_section_and_others_are_tags(moved):
    said = moved(
        category("town", "Town", id=4),
        category("harbour", "Harbour", parent="town", id=5),
        category("other", "Other", id=6),
        post(7, terms=(("category", "harbour", "Harbour"), ("category", "other", "Other"), ("post_tag", "sea", "Sea"))),
    )
    article = Article.objects.get()
    assert article.section.slug == "town"
    assert sorted(tag.slug for tag in article.tags.all()) == ["harbour", "other", "sea"]
    assert Section.objects.count() == 1
    found = redirects()
    assert found["/category/town/"] == found["/?cat=4"] == "/section/town/"
    assert found["/category/town/harbour/"] == "/tag/harbour/"
    assert found["/category/other/feed/"] == "/tag/other/feed/"
    assert "/tag/sea/" not in found
    assert not [line for line in said if line.startswith("skipped")]


def test_the_category_that_an_editor_called_the_first_is_the_section(moved):
    moved(
        category("a", "A", id=4),
        category("b", "B", id=5),
        post(7, terms=(("category", "a", "A"), ("category", "b", "B")), meta={"_yoast_wpseo_primary_category": "5"}),
    )
    assert Article.objects.get().section.slug == "b"


@pytest.mark.parametrize("terms", [(), (("category", "uncategorized", "Uncategorized"),)])
def test_a_post_without_a_category_goes_to_the_default_section(moved, terms):
    moved(post(7, terms=terms), default_section="Notes")
    assert Article.objects.get().section.name == "Notes"


def test_categories_in_a_circle_are_no_matter(moved):
    moved(category("a", "A", parent="b"), category("b", "B", parent="a"), post(7, terms=(("category", "a", "A"),)))
    assert Section.objects.count() == 1


def test_several_authors_sign_in_their_order(moved):
    moved(post(7, terms=(("author", "cap-zoe", "Zoe"), ("author", "cap-ada", "Ada"))))
    assert [byline.author.name for byline in Article.objects.get().bylines.all()] == ["Zoe", "Ada"]


def test_what_is_here_by_the_same_name_is_taken(moved):
    Section.objects.create(name="Town", slug="our-town")
    Tag.objects.create(name="Sea", slug="sea")
    Author.objects.create(name="Countess Lovelace", slug="ada")
    moved(post(7, terms=(("category", "town", "Town"), ("post_tag", "sea", "The sea"))))
    assert (Section.objects.count(), Tag.objects.count(), Author.objects.count()) == (1, 1, 1)
    assert redirects()["/?p=7"] == "/2012/01/03/post-7/"


@pytest.mark.parametrize(
    ("link", "slug", "new"),
    [
        ("https://old.example/2012/01/an-old-one/", "an-old-one", "/2012/01/03/an-old-one/"),
        ("https://old.example/archives/12", "an-old-one", "/2012/01/03/an-old-one/"),
        ("https://old.example/2012/01/03/%d0%bc%d0%be%d1%80%d0%b5/", "%d0%bc%d0%be%d1%80%d0%b5", "/2012/01/03/море/"),
        ("https://old.example/2012/01/03/a.b/", "a.b", "/2012/01/03/ab/"),
    ],
)
def test_addresses_of_another_shape_lead_on(moved, link, slug, new):
    moved(post(7, link=link, slug=slug))
    article = Article.objects.get()
    assert redirects()["/?p=7"] == new
    old = re.sub(r"^https://old.example", "", link).rstrip("/") + "/"
    assert redirects().get(old, new) == new
    assert f"/{article.day:%Y/%m/%d}/{article.slug}/" == new


def test_addresses_that_are_too_long_are_named(moved):
    said = moved(post(7, link=f"https://old.example/{'a' * 250}/"))
    assert any("longer than the 200 characters" in line for line in said)


def test_a_redirect_that_an_editor_made_stays(moved, settings):
    Redirect.objects.create(site_id=settings.SITE_ID, old_path="/?p=7", new_path="/elsewhere/")
    said = moved(post(7))
    assert redirects()["/?p=7"] == "/elsewhere/"
    assert "note: /?p=7: leads to /elsewhere/ already, and not to /2012/01/03/post-7/" in said


def test_a_blog_in_a_folder_has_its_addresses_there(moved):
    export = wxr(post(7, link="https://old.example/blog/2012/01/03/post-7/"))
    moved(export.replace("<wp:base_blog_url>https://old.example<", "<wp:base_blog_url>https://old.example/blog<"))
    assert redirects()["/blog/2012/01/03/post-7/"] == redirects()["/blog/?p=7"] == "/2012/01/03/post-7/"


def test_links_within_the_old_site_lead_to_the_same_path_here(moved):
    moved(post(7, content='<a href="http://www.old.example/?p=3#c">there</a> <a href="https://else.example/">else</a>'))
    assert 'href="/?p=3#c"' in Article.objects.get().body
    assert 'href="https://else.example/"' in Article.objects.get().body


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("1", Status.APPROVED),
        ("0", Status.HELD),
        ("spam", Status.SPAM),
        ("trash", Status.REJECTED),
        ("post-trashed", Status.REJECTED),
        ("strange", Status.HELD),
    ],
)
def test_comments_keep_their_state(moved, state, status):
    moved(post(7, comment(3, comment_approved=state)))
    assert Comment.objects.get().status == status


def test_a_comment_keeps_its_words_its_time_its_number_and_no_address(moved):
    text = "One &amp; <b>two</b>\n<a href='http://a.example/'>there</a><script>x</script>" + " long" * 2000
    moved(post(7, comment(345, text, comment_author="Anna &amp; <i>Bo</i>", date="2012-01-05 03:02:01")))
    found = Comment.objects.get()
    assert found.text == "One & two\nthere (http://a.example/)" + " long" * 2000
    assert (found.pk, found.name) == (345, "Anna & Bo")
    assert found.created_at == datetime(2012, 1, 5, 3, 2, 1, tzinfo=UTC)
    assert found.network == network_of("192.0.2.7")
    stored = str([list(model.objects.values_list()) for model in (Comment, Decision, ImportedComment)])
    assert "anna@example.org" not in stored
    assert "192.0.2.7" not in stored


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"comment_type": "pingback"}, "a pingback, which nobody wrote to readers"),
        ({"comment_type": "note"}, "a note, which nobody wrote to readers"),
        ({"comment_content": "<img>"}, "there is no text in it"),
        ({"date": "0000-00-00 00:00:00"}, "it has no date"),
        ({"comment_id": "x"}, "it has no number"),
    ],
)
def test_comments_that_are_not_taken_are_named(moved, fields, reason):
    said = moved(post(7, comment(3, **fields)))
    assert not Comment.objects.exists()
    assert any(line.startswith("skipped: comment") and line.endswith(reason) for line in said)


def test_replies_find_their_parents(moved):
    moved(post(7, comment(3, parent=5), comment(5), comment(4, parent=3)), post(8, comment(9, parent=5)))
    comments = Comment.objects.in_bulk()
    assert (comments[3].parent_id, comments[4].thread_id, comments[9].parent_id) == (5, 5, None)
    check(Article.objects.get(slug="post-7"))


def test_an_anonymous_comment_has_a_name(moved):
    moved(post(7, comment(3, comment_author=" ")))
    assert Comment.objects.get().name == "Anonymous"


def test_a_closed_conversation_is_closed(moved):
    moved(post(7, comment_status="closed"))
    assert Conversation.objects.get().policy == Policy.CLOSED


def test_a_second_time_nothing_changes(moved):
    export = (
        category("town", "Town"),
        post(7, comment(3), comment(4, parent=3)),
        post(8, link="https://old.example/x/"),
    )
    moved(*export)

    def everything():
        rows = [model.objects.order_by("pk").values_list() for model in (Article, Comment, Decision, Redirect, Tag)]
        return [list(each) for each in rows]

    before = everything()
    assert moved(*export) == ["articles: 2 unchanged", "comments: 2 unchanged"]
    assert everything() == before


def test_what_changed_there_is_brought_up_to_date_and_what_changed_here_stays(moved, moderator):
    moved(post(7, comment(3), comment(4)), post(8))
    decide(Comment.objects.get(pk=3), Status.REJECTED, by=moderator)
    ours = Article.objects.get(slug="post-8")
    ours.headline = "Ours"
    ours.save()
    said = moved(
        post(7, comment(3, "Theirs"), comment(4, "Better"), title="Better"), post(8, comment(5), title="Theirs")
    )
    assert [article.headline for article in Article.objects.order_by("slug")] == ["Better", "Ours"]
    assert [each.text for each in Comment.objects.order_by("pk")] == ["I was there.", "Better", "I was there."]
    assert "note: comment 3: changed there, and decided or edited here since: ours stays" in said
    assert any("edited here since: ours stays" in line for line in said if line.startswith("note: post 8"))


def test_killed_half_way_and_run_again_it_is_complete(moved, monkeypatch):
    monkeypatch.setattr(wordpress, "POSTS_AT_ONCE", 2)
    monkeypatch.setattr(wordpress, "COMMENTS_AT_ONCE", 4)
    export = [post(n, *(comment(10 * n + m, parent=10 * n if m else 0) for m in range(3))) for n in range(1, 6)]

    class Killed(BaseException):
        pass

    def kill_at_the_third(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise Killed
        return real(*arguments)

    calls, real = [], wordpress.bring_in
    monkeypatch.setattr(wordpress, "bring_in", kill_at_the_third)
    with pytest.raises(Killed):
        moved(*export)
    assert 0 < Article.objects.count() < 5
    monkeypatch.setattr(wordpress, "bring_in", real)
    moved(*export)
    assert (Article.objects.count(), Comment.objects.count()) == (5, 15)
    for article in Article.objects.all():
        check(article)


def test_a_dry_run_says_all_and_stores_nothing(moved):
    said = moved(post(7, comment(3), comment(4, comment_type="pingback")), dry_run=True)
    assert said[-1] == "This was a dry run: nothing has been stored."
    assert {"articles: 1 new", "comments: 1 skipped, 1 new"} <= set(said)
    for model in (Article, Comment, Redirect, Section, Tag, Author):
        assert not model.objects.exists()


def test_a_broken_file_is_told_and_all_before_it_is_kept(tmp_path, capsys):
    path = tmp_path / "export.xml"
    path.write_text(wxr(author(), post(7, comment(3)), post(8))[:-80])
    with pytest.raises(CommandError, match=r"export.xml, line \d+, column \d+: the file ends in the middle"):
        call_command("import_wordpress", path)
    assert Article.objects.get().slug == "post-7"
    assert Comment.objects.exists()
    assert "All before that is kept." in capsys.readouterr().out


def test_the_report_can_go_to_a_file(moved, tmp_path):
    said = moved(post(7, status="trash"), report=tmp_path / "report.txt")
    assert said == ["posts: 1 skipped", "redirects: 6 new"]
    assert (tmp_path / "report.txt").read_text() == "skipped: post 7 “A title”: it is in the trash\n"


def test_the_number_of_a_comment_that_is_not_free_is_named(moved):
    moved(post(7, comment(3)), source="first")
    said = moved(post(7, comment(3)), source="second")
    other = Comment.objects.latest("pk").pk
    assert f"note: comment 3: its number is not free here: it is comment {other}" in said


def test_the_real_export_is_here_whole_and_once(real_export, capsys, client):
    text = real_export.read_text()
    items = re.findall(r"<item>(.*?)</item>", text, re.DOTALL)

    def field(item, name):
        found = re.search(rf"<wp:{name}>(?:<!\[CDATA\[)?(.*?)(?:\]\]>)?</wp:{name}>", item, re.DOTALL)
        return found[1] if found else ""

    taken = [item for item in items if field(item, "post_type") in {"post", "page"}]
    public = [item for item in taken if field(item, "status") == "publish" and not field(item, "post_password")]
    comments = [each for item in taken for each in re.findall(r"<wp:comment>(.*?)</wp:comment>", item, re.DOTALL)]
    comments = [each for each in comments if field(each, "comment_type") in {"", "comment"}]
    for _time in range(2):
        call_command("import_wordpress", real_export, pages_section="Pages")
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
