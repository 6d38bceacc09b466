from datetime import timedelta

from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
import pytest

from articles.body import picture_reference
from articles.models import Article, Picture
from articles.renditions import draw
from tests.conftest import make_article
from tests.pictures import given, make_picture, picture_bytes, png_of_size

LIST = "/admin/articles/picture/"
WORDS = {"alternative": "A boat", "caption": "", "credit": "", "focus_x": 50, "focus_y": 50}


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def upload(user, file, **fields):
    return logged_in(user).post(f"{LIST}add/", {**WORDS, "file": file, **fields})


def test_a_reporter_gives_a_picture(reporter):
    answer = upload(reporter, given(name="Mrs Smith.jpg"), focus_x=20)
    assert answer.status_code == 302, answer.context["errors"]
    picture = Picture.objects.get()
    assert (picture.width, picture.height, picture.focus_x) == (60, 40, 20)
    assert default_storage.open(picture.file.name).read(2) == b"\xff\xd8"
    assert picture.due_at <= timezone.now()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>", "This is not a picture that we can read."),
        (b"", "The submitted file is empty."),
        (png_of_size(50_000, 50_000), "This picture has too many pixels"),
        (b"\0" * (25 * 1024 * 1024 + 1), "This file is too large: 25 MB at most."),
    ],
)
def test_what_cannot_be_taken_is_a_fault_at_the_field_and_the_words_stay(editor, content, sentence):
    answer = upload(editor, given(content), alternative="All these words")
    assert answer.status_code == 200
    assert sentence in " ".join(answer.context["adminform"].form.errors["file"])
    assert "All these words" in answer.text
    assert not Picture.objects.exists()


def test_a_picture_without_words_for_those_who_cannot_see_it_is_a_fault(editor):
    answer = upload(editor, given(), alternative=" ")
    assert "alternative" in answer.context["adminform"].form.errors
    assert not Picture.objects.exists()


def test_a_focus_outside_of_the_picture_is_a_fault(editor):
    answer = upload(editor, given(), focus_x=101, focus_y=-1)
    assert {"focus_x", "focus_y"} <= set(answer.context["adminform"].form.errors)


def test_a_picture_that_is_there_already_is_named(editor):
    content = picture_bytes()
    upload(editor, given(content))
    there = Picture.objects.get()
    answer = upload(editor, given(content, name="other.jpg"), alternative="Twice")
    assert f"/admin/articles/picture/{there.pk}/change/" in answer.text
    assert Picture.objects.get() == there


def test_words_are_changed_and_the_file_is_not(editor):
    picture = make_picture()
    data = {**WORDS, "alternative": "A ship", "focus_x": 10, "file": given()}
    assert logged_in(editor).post(f"{LIST}{picture.pk}/change/", data).status_code == 302
    changed = Picture.objects.get()
    assert (changed.alternative, changed.focus_x, changed.file.name) == ("A ship", 10, picture.file.name)
    page = logged_in(editor).get(f"{LIST}{picture.pk}/change/").text
    assert "no article" in page
    assert 'type="file"' not in page


@pytest.mark.parametrize("published_at", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_reporter_cannot_change_the_words_of_what_is_public_or_scheduled(reporter, editor, published_at):
    picture = make_picture()
    make_article(picture=picture, published_at=timezone.now() + published_at)
    assert logged_in(reporter).post(f"{LIST}{picture.pk}/change/", WORDS).status_code == 403
    assert logged_in(reporter).get(f"{LIST}{picture.pk}/change/").status_code == 200
    assert logged_in(editor).post(f"{LIST}{picture.pk}/change/", WORDS).status_code == 302


@pytest.mark.parametrize("where", ["lead", "body"])
def test_a_picture_in_use_is_not_deleted_and_one_is_told_where_it_stands(editor, where):
    picture = make_picture()
    fields = {"picture": picture} if where == "lead" else {"body": picture_reference(picture.pk)}
    make_article(headline="Cutter back", **fields)
    client = logged_in(editor)
    page = client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"}, follow=True)
    assert "This picture stands in “Cutter back”. Take it out of there first" in page.text
    client.post(LIST, {"action": "delete_selected", "_selected_action": [picture.pk], "post": "yes"})
    assert Picture.objects.exists()
    Article.objects.all().delete()
    assert client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Picture.objects.exists()


def test_the_list_shows_thumbnails_and_finds_by_words(editor):
    picture, other = make_picture(alternative="A boat", credit="Ada"), make_picture(alternative="A house")
    draw(picture.pk)
    page = logged_in(editor).get(f"{LIST}?q=ada").text
    assert Picture.objects.get(pk=picture.pk).renditions["widths"][0]["webp"] in page
    assert other.file.name not in page


def test_the_thumbnail_of_a_number(editor):
    picture = make_picture()
    assert logged_in(editor).get(f"{LIST}{picture.pk}/thumbnail/")["Location"] == picture.file.url
    assert logged_in(editor).get(f"{LIST}{picture.pk + 1}/thumbnail/").status_code == 404


def test_the_articles_form_shows_the_lead_picture(editor):
    picture = make_picture(alternative="A boat")
    article = make_article(picture=picture)
    page = logged_in(editor).get(f"/admin/articles/article/{article.pk}/change/").text
    assert f'name="picture" value="{picture.pk}"' in page
    assert f'src="{picture.file.url}"' in page
    assert "A boat" in page
