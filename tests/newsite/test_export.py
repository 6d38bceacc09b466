from datetime import UTC, datetime, timedelta
import json
import re
import stat

from django.contrib.redirects.models import Redirect
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
import pytest

from articles.models import (
    Article,
    Author,
    BodyImage,
    Byline,
    Correction,
    FrontPageSlot,
    Image,
    ImportRecord,
    Section,
    Tag,
)
from comments.models import Comment, Conversation, Decision, ImportedComment
from comments.moderation.picks import pick
from comments.moderation.redaction import GAP_MARK
from comments.statuses import Policy, Status
from tests.comments.test_invariants import check
from tests.conftest import make_article, make_comment
from tests.support.images import make_image

pytestmark = pytest.mark.django_db
NASTY = "]]> & <b>“x”</b> &amp; \u202f\U0001f600 \t  two"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "export"


def fill(moderator, settings):
    """Create a site with rows of every kind."""
    now = timezone.now()
    town = Section.objects.create(name="Town & <Country>", slug="Town_1", tint="clay", order=3, description="A & B")
    Section.objects.create(name="Empty", slug="empty")
    authors = [
        Author.objects.create(name=f"{name} & Co.", slug=name.lower(), about=NASTY) for name in ("Zoe", "cap-Ada")
    ]
    tags = [Tag.objects.create(name=f"Tag <{n}>", slug=f"tag-{n}") for n in range(2)]
    full = make_article(
        headline=NASTY,
        standfirst=f"One\n\n{NASTY}",
        body='<h2>A</h2><p>One<br>two &lt;three&gt; ]]&gt; [gallery] &nbsp; <a href="https://a.example/?b&amp;c">x</a></p>',
        section=town,
        description="For & search",
        language="de",
        published_at=now - timedelta(days=9),
        unpublish_at=now + timedelta(days=9),
    )
    for order, author in enumerate(authors):
        Byline.objects.create(article=full, author=author, order=order)
    full.tags.set(tags)
    lead, shown = (
        make_image(alt_text=f"{n} & <b>", caption=f"A & B {n}", credit="C & D", focal_point_x=n, focal_point_y=99)
        for n in range(2)
    )
    embed = '<figure data-embed="https://www.youtube.com/watch?v=abcdefghijk">{}</figure>'
    body = f'<p>One</p><figure data-image="{shown.pk}"></figure><p>Two</p>' + embed.format("")
    body += f'<figure data-image="{lead.pk}"><figcaption>A <em>b</em> &amp; c</figcaption></figure>'
    body += embed.format("<figcaption>A <em>b</em></figcaption>")
    make_article(headline="Pictures", lead_image=lead, body=body)
    make_article(published_at=None, slug="", headline="A draft")
    make_article(published_at=now + timedelta(days=3), headline="Scheduled")
    make_article(published_at=now - timedelta(days=3), unpublish_at=now - timedelta(days=1), headline="Over")
    make_article(published_at=None, headline="Ready", is_ready=True)
    Correction.objects.create(article=full, text=NASTY, at=now - timedelta(days=1))
    Article.objects.filter(pk=full.pk).update(updated_at=now)
    taken_back = make_article(headline="Taken back")
    taken_back.published_at = None
    taken_back.save()
    opening = make_comment(full, text=NASTY, name="Anna & <Bo>")
    pick(opening, actor=moderator)
    reply = make_comment(full, parent=opening, status=Status.REJECTED, text="One\n\ntwo")
    make_comment(full, parent=reply, edited_at=now, created_at=datetime(1999, 1, 1, tzinfo=UTC))
    make_comment(full, status=Status.SPAM)
    make_comment(full, status=Status.PENDING, staff=moderator)
    make_comment(full, status=Status.WITHDRAWN, text="Taken back")
    make_comment(full, text=f"Some {GAP_MARK} words", redacted_at=now)
    Conversation.objects.filter(article=full).update(policy=Policy.HOLD, closes_after=7)
    make_comment(make_article(headline="Closed"))
    FrontPageSlot.objects.create(article=full, position=2)
    Conversation.objects.filter(article__headline="Closed").update(policy=Policy.CLOSED)
    Redirect.objects.create(site_id=settings.SITE_ID, old_path="/old/море/", new_path=full.get_absolute_url())
    for old, new in (("/category/море/", "/section/море/"), ("/gone/", ""), ("/?cat=3", "/tag/a/")):
        Redirect.objects.create(site_id=settings.SITE_ID, old_path=old, new_path=new)


def picture(pk):
    names = ["alt_text", "caption", "credit", "focal_point_x", "focal_point_y", "width", "height"]
    return Image.objects.values_list(*names).get(pk=pk)


def copy_of_files(folder):
    for each in Image.objects.all():
        path = folder / "copy" / each.file.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(each.file.read())
    return folder / "copy"


def content():
    """Return everything that an export contains, as stored in the database."""
    articles = [
        {
            **{name: getattr(article, name) for name in ("headline", "standfirst", "description", "language")},
            "body": re.sub('data-image="([0-9]+)"', lambda match: str(picture(int(match[1]))), article.body),
            "lead_image": article.lead_image_id and picture(article.lead_image_id),
            **{name: getattr(article, name) for name in ("published_at", "unpublish_at", "first_published_at", "day")},
            "slug": article.slug,
            "section": [article.section.name, article.section.slug, article.section.tint, article.section.order],
            "about": article.section.description,
            "authors": [[each.author.name, each.author.slug, each.author.about] for each in article.bylines.all()],
            "tags": sorted([tag.name, tag.slug] for tag in article.tags.all()),
            "ready": [article.is_ready, article.updated_at],
            "corrections": [[each.at, each.text] for each in article.corrections.all()],
            "front": list(FrontPageSlot.objects.filter(article=article).values_list("position", flat=True)),
            "policy": next(
                iter(Conversation.objects.filter(article=article).values_list("policy", "closes_after")), ("open", None)
            ),
            "counts": list(Conversation.objects.filter(article=article).values_list("public_count", "pick_count")),
        }
        for article in Article.objects.order_by("pk")
    ]
    fields = ["pk", "parent_id", "thread_id", "level", "name", "text", "status", "created_at", "edited_at", "picked_at"]
    fields += [
        "redacted_at",
        "staff",
        "text_hash",
        "name_key",
        "is_visible",
        "approved_reply_count",
        "visible_reply_count",
    ]
    comments = list(Comment.objects.order_by("pk").values(*fields))
    for comment in comments:
        if comment["status"] == Status.WITHDRAWN:
            comment |= {"text": "", "text_hash": ""}
    redirects = sorted(Redirect.objects.values_list("old_path", "new_path"))
    return articles, comments, redirects, sorted(Section.objects.values_list("slug", flat=True))


def empty():
    with connection.cursor() as cursor:
        for model in (
            ImportedComment,
            Decision,
            Comment,
            Conversation,
            Byline,
            Article.tags.through,
            Correction,
            FrontPageSlot,
            BodyImage,
        ):
            cursor.execute(f"DELETE FROM {model._meta.db_table}")
    Article.objects.all().delete()
    for model in (ImportRecord, Author, Tag, Section, Redirect, Image):
        model.objects.all().delete()


def test_what_goes_out_comes_back_the_same(moderator, folder, settings, capsys, tmp_path):
    fill(moderator, settings)
    before = content()
    call_command("export_site", folder)
    copied = copy_of_files(tmp_path)
    empty()
    for fate in ("new", "unchanged"):
        redirects = folder / "redirects.jsonl"
        call_command("import_wordpress", folder / "site.xml", media_folder=copied, redirects=redirects)
        for now, then in zip(content(), before, strict=True):
            assert now == then
        said = capsys.readouterr().out.splitlines()
        assert f"articles: {len(before[0])} {fate}" in said
        assert f"comments: {len(before[1])} {fate}" in said
        assert not [line for line in said if line.startswith(("note", "skipped"))]
    check(Article.objects.get(description="For & search"))


def test_the_lines_say_the_same(moderator, folder, settings):
    fill(moderator, settings)
    call_command("export_site", folder)
    articles, comments, redirects = (
        [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        for name in ("articles", "comments", "redirects")
    )
    full = next(article for article in articles if article["tags"])
    assert (full["headline"], full["authors"]) == (NASTY, ["Zoe & Co.", "cap-Ada & Co."])
    assert (full["comments"], full["front_page_slot"]) == ("hold", 2)
    assert [comment["id"] for comment in comments] == list(Comment.objects.order_by("pk").values_list("pk", flat=True))
    assert {comment["status"] for comment in comments} == {"approved", "pending", "rejected", "spam", "withdrawn"}
    assert redirects[0] == {"from": "/old/море/", "to": full["address"]}
    assert len(redirects) == Redirect.objects.count() == 4


@pytest.mark.parametrize(
    "line", ["x", "[]", "{}", '{"from": "a", "to": ""}', '{"from": "/a", "to": null}', '{"from": "/\\u0000", "to": ""}']
)
def test_a_line_of_redirects_that_is_none_is_named_and_nothing_is_taken_in(folder, article, line):
    call_command("export_site", folder)
    Redirect.objects.all().delete()
    redirects = folder / "redirects.jsonl"
    redirects.write_text(f'{{"from": "/old/", "to": "/new/"}}\n\n{line}\n')
    with pytest.raises(CommandError, match=r"redirects\.jsonl, line 3"):
        call_command("import_wordpress", folder / "site.xml", redirects=redirects)
    with pytest.raises(CommandError, match="could not be read"):
        call_command("import_wordpress", folder / "site.xml", redirects=folder / "none.jsonl")
    assert not Redirect.objects.exists()


def test_nothing_tells_who_a_reader_is_or_what_was_taken_back(folder, article):
    make_comment(article, device="the-device", network="the-network")
    make_comment(article, status=Status.WITHDRAWN, text="A regret")
    call_command("export_site", folder)
    everything = "".join(path.read_text() for path in folder.iterdir())
    assert not any(word in everything for word in ("the-device", "the-network", "A regret"))


def test_what_readers_may_not_see_is_public_nowhere_else(folder, article):
    now = timezone.now()
    make_article(published_at=now - timedelta(days=3), unpublish_at=now - timedelta(days=1), headline="Over")
    call_command("export_site", folder)
    written = (folder / "site.xml").read_text()
    assert written.count("<wp:status>publish</wp:status>") == 1
    assert written.count("<wp:status>private</wp:status>") == 1


def test_the_files_are_for_nobody_else_and_replace_earlier_ones(folder, article):
    call_command("export_site", folder)
    call_command("export_site", folder)
    assert sorted(path.name for path in folder.iterdir()) == [
        "articles.jsonl",
        "comments.jsonl",
        "redirects.jsonl",
        "site.xml",
    ]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_folder_that_cannot_be_written_is_told(tmp_path, article):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="could not be written"):
        call_command("export_site", tmp_path / "file" / "folder")


def test_many_articles_and_comments_take_few_queries(folder, django_assert_max_num_queries):
    for _ in range(5):
        article = make_article()
        for _ in range(5):
            make_comment(article)
    with django_assert_max_num_queries(50):
        call_command("export_site", folder)
