"""Revisions of an article in the admin, and the protection against overwriting another editor's changes."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone
import pytest

from articles.history import revisions
from articles.history.diff import changed_fields, field_changes, text_diff_html
from articles.imports import ArticleData, import_articles
from articles.models import Article, Author, Byline, Correction, Revision, Section, Tag
from tests.conftest import make_article, make_user
from tests.newsite.test_article_admin import LIST, form, logged_in
from tests.support.images import make_image


@pytest.fixture
def draft(db):
    return make_article(headline="As it was", published_at=None)


@pytest.fixture
def colleague(db):
    return make_user("colleague", "Reporters")


def change(client, article, **fields):
    return client.post(f"{LIST}{article.pk}/change/", form(article, **fields))


def test_each_save_says_who_and_when_and_what(draft, reporter, colleague):
    author, tag = Author.objects.create(name="Ada", slug="ada"), Tag.objects.create(name="Harbour", slug="harbour")
    change(logged_in(reporter), draft, headline="Anew", body="<p>First.</p>")
    fields = {"bylines-TOTAL_FORMS": 1, "bylines-0-author": author.pk, "bylines-0-order": 0, "tags": [tag.pk]}
    change(logged_in(colleague), draft, headline="Anew", body="<p>First.</p>", **fields)
    newest, older, _made = revisions.revisions_of(draft.pk)
    assert (newest.history_user, older.history_user) == (colleague, reporter)
    assert (newest.byline_snapshot, newest.tag_snapshot) == ([[author.pk, "Ada"]], [[tag.pk, "Harbour"]])
    assert changed_fields(older, newest) == ["byline_snapshot", "tag_snapshot"]
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/history/").text
    assert "bylines, tags" in page
    assert "headline, story" in page


def test_a_save_in_the_admin_is_one_version(draft, reporter):
    change(logged_in(reporter), draft, headline="Anew")
    assert Revision.objects.filter(id=draft.pk).count() == 2


def test_who_saved_comes_from_no_thread(draft, reporter):
    """A plain save after a request, in the same thread, has no user."""
    change(logged_in(reporter), draft, headline="Anew")
    draft.refresh_from_db()
    draft.save()
    assert revisions.latest(draft.pk).history_user is None


def test_a_version_shows_what_it_changed_word_by_word(draft, reporter):
    draft.body = "<p>The mayor denies it.</p><p>Stays.</p>"
    draft.save()
    change(
        logged_in(reporter),
        draft,
        headline="As it was",
        body="<p>The <strong>mayor</strong> admits it.</p><p>Stays.</p>",
    )
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/history/{revisions.latest(draft.pk).history_id}/").text
    assert "denies</del>" in page
    assert "admits</ins>" in page
    assert "<code>&lt;strong&gt;</code>" in page
    assert "Stays." not in page


def test_an_earlier_version_comes_back_as_a_new_one(article, editor):
    section = Section.objects.create(name="Harbour", slug="harbour")
    author, gone = Author.objects.create(name="Ada", slug="ada"), Author.objects.create(name="Bo", slug="bo")
    for order, each in enumerate([gone, author]):
        Byline.objects.create(article=article, author=each, order=order)
    article.tags.add(Tag.objects.create(name="Harbour", slug="harbour"))
    first = revisions.record(article, actor=None)
    address, was = article.get_absolute_url(), article.headline
    article.headline, article.body, article.section, article.slug = "Anew", "<p>Other.</p>", section, "moved"
    article.save()
    article.bylines.all().delete()
    article.tags.clear()
    gone.delete()
    answer = logged_in(editor).post(f"{LIST}{article.pk}/history/{first.history_id}/")
    assert answer.status_code == 302
    back = Article.objects.get(pk=article.pk)
    assert (back.headline, back.body, back.section.name) == (was, "<p>Once upon a time.</p>", "Town")
    assert [each.author for each in back.bylines.all()] == [author]
    assert [each.name for each in back.tags.all()] == ["Harbour"]
    assert back.get_absolute_url() != address
    latest = revisions.latest(article.pk)
    assert (latest.history_user, latest.headline) == (editor, was)
    assert was in Client().get(back.get_absolute_url()).text


def test_a_reporter_brings_nothing_back_of_what_is_public(article, reporter):
    first = revisions.latest(article.pk)
    article.headline = "Anew"
    article.save()
    address = f"{LIST}{article.pk}/history/{first.history_id}/"
    client = logged_in(reporter)
    assert "Restore this revision" not in client.get(address).text
    assert client.post(address).status_code == 403
    assert Article.objects.get(pk=article.pk).headline == "Anew"


def test_history_is_for_those_who_see_the_article_and_a_version_is_of_its_article(draft, reporter, moderator):
    version, elsewhere = revisions.latest(draft.pk), make_article(published_at=None)
    address = f"{LIST}{draft.pk}/history/"
    for who, status in ((reporter, 200), (moderator, 404)):
        assert logged_in(who).get(address).status_code == status
        assert logged_in(who).get(f"{address}{version.history_id}/").status_code == status
    assert logged_in(reporter).get(f"{LIST}{elsewhere.pk}/history/{version.history_id}/").status_code == 404
    assert logged_in(moderator).post(f"{address}{version.history_id}/").status_code in {403, 404}
    assert Client().get(address).status_code == 302
    assert logged_in(reporter).get(f"{address}?before=x").status_code == 200


def test_a_long_history_is_paged(draft, reporter):
    for number in range(40):
        draft.headline = f"Number {number}."
        draft.save()
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/history/").text
    assert page.count("<time") == 30
    older = page.partition('href="?before=')[2].partition('"')[0]
    assert logged_in(reporter).get(f"{LIST}{draft.pk}/history/?before={older}").text.count("<time") == 11


def test_what_was_deleted_has_a_last_version_that_says_by_whom(draft, editor):
    logged_in(editor).post(f"{LIST}{draft.pk}/delete/", {"post": "yes"})
    last = revisions.latest(draft.pk)
    assert (last.history_type, last.history_user, last.headline) == ("-", editor, "As it was")


@pytest.mark.parametrize(
    ("older", "newer", "shown"),
    [
        ("", "New", "<p><ins>New</ins></p>"),
        ("Old", "", "<p><del>Old</del></p>"),
        ("<p>a</p>", "<p>a</p><p>b</p>", "<p>…</p><p><ins>b</ins></p>"),
        ('<p><a href="/a/">x</a></p>', '<p><a href="/b/">x</a></p>', "/b/"),
        ("Customs House clock", "Town Hall clock", "<del>Customs House</del><ins>Town Hall</ins> clock"),
        ("1 < 2", "1 < 3", "1 &lt; <del>2</del><ins>3</ins>"),
        ("<p>a</p>", "<h2>a</h2>", "<code>&lt;h2&gt;</code>"),
    ],
)
def test_differences_of_text(older, newer, shown):
    assert shown in text_diff_html(older, newer)


def test_differences_of_endless_text_take_no_time():
    older, newer = "a b " * 20_000, "b c " * 20_000
    assert "<ins>" in text_diff_html(older, newer)


def test_nothing_that_is_written_becomes_a_tag():
    assert "<script" not in text_diff_html("<p>a</p>", "<p><script>alert(1)</script></p>")


def test_a_save_over_a_colleagues_newer_version_is_stopped_and_nothing_is_lost(draft, reporter, colleague):
    mine, theirs = form(draft, headline="Mine", body="<p>My text.</p>"), form(draft, headline="Theirs")
    address = f"{LIST}{draft.pk}/change/"
    assert logged_in(colleague).post(address, theirs).status_code == 302
    answer = logged_in(reporter).post(address, mine)
    assert answer.status_code == 200
    assert Article.objects.get(pk=draft.pk).headline == "Theirs"
    assert "saved a newer version" in answer.text
    assert "<ins>Theirs</ins>" in answer.text
    assert ">\nMine</textarea>" in answer.text
    assert "My text." in answer.text
    again = {**mine, "opened": answer.context["adminform"].form.data["opened"]}
    assert logged_in(reporter).post(address, again).status_code == 302
    assert Article.objects.get(pk=draft.pk).headline == "Mine"
    assert [version.headline for version in revisions.revisions_of(draft.pk)] == ["Mine", "Theirs", "As it was"]


def test_a_stopped_form_keeps_all_its_tags(draft, reporter, colleague):
    tags = [Tag.objects.create(name=name, slug=name).pk for name in ("a", "b")]
    mine = form(draft, tags=tags)
    logged_in(colleague).post(f"{LIST}{draft.pk}/change/", form(draft, headline="Theirs"))
    answer = logged_in(reporter).post(f"{LIST}{draft.pk}/change/", mine)
    assert all(f'<option value="{tag}" selected>' in answer.text for tag in tags)


def test_what_moves_the_article_without_an_editor_stops_nobody(draft, reporter):
    author = Author.objects.create(name="Ada", slug="ada")
    Byline.objects.create(article=draft, author=author)
    revisions.record(draft, actor=None)
    opened = form(draft, headline="Mine")
    author.name = "Ada Lovelace"
    author.save()
    draft.refresh_from_db()
    draft.save()  # of nothing that was changed
    assert logged_in(reporter).post(f"{LIST}{draft.pk}/change/", opened).status_code == 302


@pytest.mark.parametrize("opened", ["", "x", "0", "9" * 30])
def test_a_form_that_does_not_say_what_it_has_before_it_is_stopped(draft, reporter, opened):
    answer = logged_in(reporter).post(f"{LIST}{draft.pk}/change/", form(draft, opened=opened, headline="Mine"))
    assert answer.status_code == 200
    assert Article.objects.get(pk=draft.pk).headline == "As it was"


def test_an_article_that_is_older_than_the_history_gets_its_first_version_when_it_is_opened(draft, reporter):
    Revision.objects.all().delete()
    page = logged_in(reporter).get(f"{LIST}{draft.pk}/change/")
    opened = page.context["adminform"].form["opened"].value()
    assert logged_in(reporter).post(f"{LIST}{draft.pk}/change/", {**form(), "opened": opened}).status_code == 302


def test_an_editor_corrects_and_the_correction_says_who(article, editor):
    page = logged_in(editor).get(f"{LIST}{article.pk}/change/").text
    assert "corrections-TOTAL_FORMS" in page
    at = timezone.localtime(article.published_at)
    fields = {
        "published_at_0": f"{at:%Y-%m-%d}",
        "published_at_1": f"{at:%H:%M:%S}",
        "corrections-TOTAL_FORMS": 1,
        "corrections-0-text": "It was Tuesday.",
        "is_minor": "on",
    }
    assert change(logged_in(editor), article, **fields).status_code == 302
    assert Correction.objects.get().actor == editor
    assert "It was Tuesday." in Client().get("/corrections/").text
    assert Article.objects.get(pk=article.pk).updated_at is None


def test_a_change_that_is_not_marked_as_minor_is_an_update(article, editor):
    at = timezone.localtime(article.published_at)
    fields = {"published_at_0": f"{at:%Y-%m-%d}", "published_at_1": f"{at:%H:%M:%S}"}
    assert change(logged_in(editor), article, **fields).status_code == 302
    assert Article.objects.get(pk=article.pk).is_updated()


def test_a_draft_has_nothing_to_correct_and_nothing_minor(draft, editor):
    page = logged_in(editor).get(f"{LIST}{draft.pk}/change/").text
    assert "corrections-TOTAL_FORMS" not in page
    assert "is_minor" not in page


def test_a_reporter_says_that_a_draft_is_ready_and_an_editor_finds_it(draft, reporter, editor):
    assert change(logged_in(reporter), draft, is_ready="on").status_code == 302
    make_article(headline="Not ready", published_at=None)
    listed = logged_in(editor).get(f"{LIST}?state=ready").text
    assert "Written in the admin" in listed
    assert "Not ready" not in listed


@pytest.mark.parametrize("state", ["draft", "ready", "scheduled", "public", "ended"])
def test_each_article_is_in_one_state(db, editor, state):
    now, hour = timezone.now(), timedelta(hours=1)
    made = {
        "draft": make_article(published_at=None),
        "ready": make_article(published_at=None, is_ready=True),
        "scheduled": make_article(published_at=now + hour),
        "public": make_article(unpublish_at=now + hour),
        "ended": make_article(published_at=now - hour, unpublish_at=now - timedelta(minutes=1)),
    }
    assert Article.objects.in_state(state=made[state].state()).get() == made[state]
    page = logged_in(editor).get(f"{LIST}?state={state}").text
    assert [name for name, article in made.items() if f">{article.headline}</a>" in page] == [state]
    assert f'class="state state-{state}"' in page


def test_a_reporter_reads_what_is_public_and_changes_nothing(article, reporter):
    page = logged_in(reporter).get(f"{LIST}{article.pk}/change/")
    assert page.status_code == 200
    assert 'name="headline"' not in page.text
    assert article.headline in page.text


def test_what_cannot_be_is_a_fault_at_its_field(draft, editor):
    at = timezone.localtime()
    fields = {
        "published_at_0": f"{at:%Y-%m-%d}",
        "published_at_1": f"{at:%H:%M:%S}",
        "unpublish_at_0": "2001-01-01",
        "unpublish_at_1": "00:00:00",
    }
    answer = change(logged_in(editor), draft, **fields)
    assert answer.status_code == 200
    assert "unpublish_at" in answer.context["adminform"].form.errors


def with_everything(editor):
    """Import an article whose first revision has an author, a tag, a section, an image and a time."""
    author, tag = Author.objects.create(name="Ada", slug="ada"), Tag.objects.create(name="Harbour", slug="harbour")
    piece = ArticleData(
        key="7",
        headline="Anew",
        section=Section.objects.create(name="Port", slug="port"),
        body="<p>Text.</p>",
        published_at=timezone.now(),
        day=timezone.localdate(),
        lead_image=make_image(),
        authors=(author,),
        tags=(tag,),
        is_ready=True,
    )
    return import_articles("old", [piece])["7"].article


def test_the_first_version_shows_all_that_it_has(db, editor):
    article = with_everything(editor)
    first = revisions.latest(article.pk)
    shown = {change.field: change.html for change in field_changes(None, first)}
    assert shown["byline_snapshot"] == "<p><ins>Ada</ins></p>"
    assert shown["tag_snapshot"] == "<p><ins>Harbour</ins></p>"
    assert logged_in(editor).get(f"{LIST}{article.pk}/history/{first.history_id}/").status_code == 200
    assert logged_in(editor).get(f"{LIST}{article.pk}/history/").status_code == 200


def test_the_first_version_of_an_empty_draft_shows_nothing_empty(draft):
    """An unfinished article without a URL has no change of these fields."""
    assert set(changed_fields(None, revisions.latest(draft.pk))) <= {"headline", "body", "section", "language", "slug"}
    assert all(change.html != "<p></p>" for change in field_changes(None, revisions.latest(draft.pk)))


def test_a_form_whose_opened_version_is_gone_is_shown_what_there_is(db, editor):
    article = with_everything(editor)
    page = change(logged_in(editor), article, opened="999999")
    assert page.status_code == 200
    assert "<ins>Ada</ins>" in page.text
