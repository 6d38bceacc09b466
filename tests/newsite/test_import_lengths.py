"""Imported text fits its columns; the report names text that was cut and items that were skipped."""

from __future__ import annotations

from io import StringIO

from django.apps import apps
from django.core.management import call_command
from django.db.models import CharField
import pytest

from articles.models import Article, Author, Image, Section, Tag
from articles.text import is_blank, strip_control_chars, truncate
from comments.models import Comment
from tests.conftest import make_article
from tests.support import wxr_builder
from tests.support.images import image_bytes

pytestmark = [pytest.mark.database]

LONG = {
    "letters": "word " * 500,
    "one word": "a" * 2_500,
    "marks": "a\u0301\u0323" * 800,
    "marks alone": "\u0315\u0300\u05ae\u0323" * 600,
    "ligatures that unfold": "\ufdfa" * 2_500,
    "emoji": "\U0001f468\u200d\U0001f469\u200d" * 500,
    "escaped controls": "a%00%01" * 300,
    "references to controls": "a&#0;&#1;&#x85; " * 200,
    "fillers": "\u3164" * 2_500,
    "a letter behind fillers": "\u3164" * 2_500 + "x",
    "a letter behind zero-width spaces": "\u200b" * 2_500 + "x",
    "a letter behind eighty zero-width spaces": "\u200b" * 80 + "x",
    "entities": "&amp;lt;" * 400,
}


def run_import(tmp_path, command, text, **options):
    path = tmp_path / "export.xml"
    path.write_text(text, "utf-8")
    said = StringIO()
    call_command(command, path, stdout=said, stderr=said, **options)
    return said.getvalue()


def too_long():
    """Return all stored texts that PostgreSQL would reject, or that no page can contain."""
    found = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, CharField) and field.max_length:
                values = filter(None, model._default_manager.values_list(field.attname, flat=True))
                found += [
                    (model.__name__, field.name, value[:60])
                    for value in values
                    if len(value) > field.max_length or strip_control_chars(value) != value
                ]
    return found


def blank():
    """Return the names, slugs and headlines that are invisible."""
    fields = [(Author, "name", "slug"), (Section, "name", "slug"), (Tag, "name", "slug")]
    fields += [(Article, "headline", "slug"), (Comment, "name")]
    return [
        (model.__name__, name, row.pk)
        for model, *names in fields
        for row in model.objects.all()
        for name in names
        if is_blank(getattr(row, name)) and (name != "slug" or row.slug)
    ]


def export(text, *, ours=False):
    """Return an export with the text in every field."""
    names = ["format", "language", "policy", "closes_after", "staff", "credit", "redirect", "unpublish_at", "at"]
    meta = {"_yoast_wpseo_metadesc": text, **({f"_newsite_{name}": text for name in names} if ours else {})}
    people = {"comment_author": text, "comment_author_email": text, "comment_author_IP": text}
    comments = [
        wxr_builder.comment(3, text, **people),
        wxr_builder.comment(4, "Fine", meta={f"_newsite_{n}": text for n in names}),
    ]
    terms = (("category", text, text), ("post_tag", text, text), ("post_tag", f"{text}b", text), ("author", text, text))
    post = wxr_builder.post(7, *comments, title=text, content=text, excerpt=text, slug=text, terms=terms, meta=meta)
    image = wxr_builder.post(
        8, post_type="attachment", attachment_url="https://old.example/a.jpg", title=text, excerpt=text
    )
    category = wxr_builder.category(text, text, parent=text, id=5)
    return wxr_builder.wxr(wxr_builder.author(text, text), category, image, post)


@pytest.mark.parametrize("ours", [False, True], ids=["of WordPress", "of ours"])
@pytest.mark.parametrize("kind", LONG)
def test_everything_of_a_wordpress_export_fits(db, tmp_path, kind, ours):
    (tmp_path / "a.jpg").write_bytes(image_bytes())
    said = run_import(tmp_path, "import_wordpress", export(LONG[kind], ours=ours), media_folder=tmp_path)
    assert too_long() == []
    assert blank() == []
    assert Article.objects.count() == 1 or "skipped: post 7" in said
    assert Comment.objects.filter(pk=4).exists() or "skipped: comment 4" in said


@pytest.mark.parametrize("kind", LONG)
def test_everything_of_a_disqus_export_fits(db, tmp_path, kind):
    text, article = LONG[kind], make_article()
    thread = wxr_builder.thread("11", f"https://old.example{article.get_absolute_url()}", identifier=text, forum=text)
    messages = [
        wxr_builder.message(text, "11", text, name=text, parent=text),
        wxr_builder.message("2", "11", "Fine", username=text),
    ]
    run_import(tmp_path, "import_disqus", wxr_builder.disqus(thread, *messages))
    assert too_long() == blank() == []
    assert Comment.objects.filter(text="Fine").exists()


def test_what_was_cut_is_named(db, tmp_path):
    (tmp_path / "a.jpg").write_bytes(image_bytes())
    said = run_import(tmp_path, "import_wordpress", export("word " * 500), media_folder=tmp_path)
    for what in ("title", "excerpt", "description", "tag", "section", "author", "caption", "alternative text"):
        assert any(what in line and "cut" in line for line in said.splitlines()), (what, said)
    assert any(line.startswith("note: comment 3") and "name" in line and "cut" in line for line in said.splitlines())
    for row, names in ((Tag, ["name"]), (Section, ["name"]), (Author, ["name"]), (Image, ["caption", "alt_text"])):
        for each in row.objects.all():
            assert all(getattr(each, name).startswith(("word", "News")) for name in names)


def test_a_name_that_was_cut_in_disqus_is_named(db, tmp_path):
    article = make_article()
    thread = wxr_builder.thread("11", f"https://old.example{article.get_absolute_url()}")
    said = run_import(
        tmp_path, "import_disqus", wxr_builder.disqus(thread, wxr_builder.message("2", "11", name="Ada " * 50))
    )
    assert "note: comment 2: its author’s name has more than 60 characters: cut" in said


def test_an_old_address_that_no_database_can_keep_is_named(db, tmp_path):
    said = run_import(
        tmp_path, "import_wordpress", wxr_builder.wxr(wxr_builder.post(7, link="https://old.example/a%00b/"))
    )
    assert "skipped: redirects" in said or "skipped: /a" in said


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
@pytest.mark.parametrize("length", [1, 2, 40, 250])
def test_the_beginning_of_a_text_is_no_longer_than_that(text, length):
    assert len(truncate(text, length)) <= length
    assert truncate("a" * length, length) == "a" * length
