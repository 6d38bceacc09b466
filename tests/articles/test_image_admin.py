from datetime import timedelta
import html
import re

from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
import pytest

from articles.content.sanitizer import image_reference
from articles.images import process as process_module
from articles.images.protocol import ImageProblem
from articles.models import Article, Image
from tests.conftest import make_article
from tests.support.images import image_bytes, make_image, png_of_size, process, queue_upload, upload_file

LIST = "/admin/articles/image/"
WORDS = {"alt_text": "A boat", "caption": "", "credit": "", "focal_point_x": 50, "focal_point_y": 50}


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


def upload(user, file, **fields):
    return logged_in(user).post(f"{LIST}add/", {**WORDS, "file": file, **fields})


def test_a_reporter_gives_a_picture(reporter):
    answer = upload(reporter, upload_file(name="Mrs Smith.jpg"), focal_point_x=20)
    assert answer.status_code == 302, answer.context["errors"]
    picture = Image.objects.get()
    assert (picture.width, picture.height, picture.focal_point_x) == (60, 40, 20)
    assert picture.is_waiting
    assert picture.due_at <= timezone.now()
    process(picture.pk)
    picture.refresh_from_db()
    assert picture.is_ready
    assert default_storage.open(picture.file.name).read(2) == b"\xff\xd8"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<html>", "This file is damaged or isn’t an image we can read."),
        (b"", "The submitted file is empty."),
        (png_of_size(50_000, 50_000), "Image too large: 50,000 × 50,000 pixels"),
        (b"\0" * (25 * 1024 * 1024 + 1), "File too large (maximum 25 MB)."),
    ],
)
def test_what_cannot_be_taken_is_a_fault_at_the_field_and_the_words_stay(editor, content, sentence):
    answer = upload(editor, upload_file(content), alt_text="All these words")
    assert answer.status_code == 200
    assert sentence in " ".join(answer.context["adminform"].form.errors["file"])
    assert "All these words" in answer.text
    assert not Image.objects.exists()


def test_a_picture_without_words_for_those_who_cannot_see_it_is_a_fault(editor):
    answer = upload(editor, upload_file(), alt_text=" ")
    assert "alt_text" in answer.context["adminform"].form.errors
    assert not Image.objects.exists()


def test_a_focus_outside_of_the_picture_is_a_fault(editor):
    answer = upload(editor, upload_file(), focal_point_x=101, focal_point_y=-1)
    assert {"focal_point_x", "focal_point_y"} <= set(answer.context["adminform"].form.errors)


def test_a_picture_that_is_there_already_is_named(editor):
    content = image_bytes()
    upload(editor, upload_file(content))
    there = Image.objects.get()
    answer = upload(editor, upload_file(content, name="other.jpg"), alt_text="Twice")
    assert f"/admin/articles/image/{there.pk}/change/" in answer.text
    assert Image.objects.get() == there


def test_words_are_changed_and_the_file_is_not(editor):
    picture = make_image()
    data = {**WORDS, "alt_text": "A ship", "focal_point_x": 10, "file": upload_file()}
    assert logged_in(editor).post(f"{LIST}{picture.pk}/change/", data).status_code == 302
    changed = Image.objects.get()
    assert (changed.alt_text, changed.focal_point_x, changed.file.name) == ("A ship", 10, picture.file.name)
    page = logged_in(editor).get(f"{LIST}{picture.pk}/change/").text
    assert "No articles" in page
    assert 'type="file"' not in page


@pytest.mark.parametrize("published_at", [timedelta(hours=-1), timedelta(hours=1)])
def test_a_reporter_cannot_change_the_words_of_what_is_public_or_scheduled(reporter, editor, published_at):
    picture = make_image()
    make_article(lead_image=picture, published_at=timezone.now() + published_at)
    assert logged_in(reporter).post(f"{LIST}{picture.pk}/change/", WORDS).status_code == 403
    assert logged_in(reporter).get(f"{LIST}{picture.pk}/change/").status_code == 200
    assert logged_in(editor).post(f"{LIST}{picture.pk}/change/", WORDS).status_code == 302


@pytest.mark.parametrize("where", ["lead", "body"])
def test_a_picture_in_use_is_not_deleted_and_one_is_told_where_it_stands(editor, where):
    picture = make_image()
    fields = {"lead_image": picture} if where == "lead" else {"body": image_reference(picture.pk)}
    make_article(headline="Cutter back", **fields)
    client = logged_in(editor)
    page = client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"}, follow=True)
    assert "This image is used in “Cutter back”. Remove it there first" in page.text
    client.post(LIST, {"action": "delete_selected", "_selected_action": [picture.pk], "post": "yes"})
    assert Image.objects.exists()
    Article.objects.all().delete()
    assert client.post(f"{LIST}{picture.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Image.objects.exists()


def test_the_list_shows_thumbnails_and_finds_by_words(editor):
    picture, other = make_image(alt_text="A boat", credit="Ada"), make_image(alt_text="A house")
    process(picture.pk)
    page = logged_in(editor).get(f"{LIST}?q=ada").text
    assert Image.objects.get(pk=picture.pk).renditions["widths"][0]["webp"] in page
    assert other.file.name not in page


def test_the_thumbnail_of_a_number(editor):
    picture = make_image()
    assert logged_in(editor).get(f"{LIST}{picture.pk}/thumbnail/")["Location"] == picture.file.url
    assert logged_in(editor).get(f"{LIST}{picture.pk + 1}/thumbnail/").status_code == 404


def test_the_articles_form_shows_the_lead_picture(editor):
    picture = make_image(alt_text="A boat")
    article = make_article(lead_image=picture)
    page = logged_in(editor).get(f"/admin/articles/article/{article.pk}/change/").text
    assert f'name="lead_image" value="{picture.pk}"' in page
    assert f'src="{picture.file.url}"' in page
    assert "A boat" in page


def failed(problem="unreadable", **fields):
    picture = queue_upload(**fields)
    Image.objects.filter(pk=picture.pk).update(original="", problem=problem, digest=None, due_at=None)
    return Image.objects.get(pk=picture.pk)


def test_the_uploader_is_answered_before_anything_is_decoded(reporter, monkeypatch):
    monkeypatch.setattr(process_module.subprocess, "Popen", lambda *args, **options: pytest.fail("a process"))
    monkeypatch.setattr("PIL.Image.open", lambda *args, **options: pytest.fail("a decoder"))
    page = logged_in(reporter).post(f"{LIST}add/", {**WORDS, "file": upload_file()}, follow=True)
    assert page.redirect_chain == [(LIST, 302)]
    assert page.text.count("Processing…") == 1
    picture = Image.objects.get()
    assert f'hx-get="/admin/articles/image/{picture.pk}/progress/?in=list"' in page.text
    assert "htmx-2.min.js" in page.text
    assert "The image is being processed. Readers will see it once it’s ready." in page.text


@pytest.mark.parametrize(
    ("place", "ready"), [("list", '<img class="thumbnail" src="{}"'), ("page", '<span class="focus-preview"')]
)
def test_the_progress_is_what_stands_on_the_page(reporter, place, ready):
    picture, client = queue_upload(), logged_in(reporter)
    address = f"{LIST}{picture.pk}/progress/?in={place}"
    waiting = client.get(address)
    assert waiting["Image-State"] == "waiting"
    assert f'hx-get="{address}"' in waiting.text
    process(picture.pk)
    picture.refresh_from_db()
    processed = client.get(address)
    assert processed["Image-State"] == "processed"
    assert ready.format(picture.file.url) in processed.text
    assert "hx-get" not in processed.text


def test_a_stranger_sees_no_progress_and_no_thumbnail(moderator):
    picture = queue_upload()
    for name in ("progress", "thumbnail"):
        assert logged_in(moderator).get(f"{LIST}{picture.pk}/{name}/").status_code in {403, 404}
        assert Client().get(f"{LIST}{picture.pk}/{name}/").status_code == 302


def test_without_javascript_there_is_a_link_to_look_again(reporter):
    picture = queue_upload()
    page = logged_in(reporter).get(f"{LIST}{picture.pk}/change/").text
    assert f'<noscript> <a href="{LIST}{picture.pk}/change/">Check again</a></noscript>' in page
    assert 'type="file"' not in page


def test_a_worker_that_does_not_run_is_named(reporter):
    picture = queue_upload()
    Image.objects.update(due_at=timezone.now() - timedelta(minutes=3))
    page = logged_in(reporter).get(f"{LIST}{picture.pk}/change/").text
    assert "The background worker is busy or not running" in page


def test_an_attempt_that_went_wrong_is_named_with_the_next_one(reporter):
    picture = queue_upload()
    Image.objects.update(due_at=timezone.now() + timedelta(minutes=10), attempts=1, problem="lost")
    page = logged_in(reporter).get(f"{LIST}{picture.pk}/change/").text
    assert "The last attempt failed. The next one is at" in page


def test_another_file_is_chosen_for_one_that_has_failed_and_the_words_stay(reporter):
    picture = failed(alt_text="A boat")
    article = make_article(lead_image=picture, published_at=None)
    client = logged_in(reporter)
    page = client.get(f"{LIST}{picture.pk}/change/").text
    assert "This file is damaged or isn’t an image we can read. Upload a JPEG, PNG, WebP, AVIF or GIF." in page
    assert 'type="file"' in page
    assert "Couldn’t be processed" in client.get(LIST).text
    data = {**WORDS, "alt_text": "A ship", "file": upload_file()}
    answer = client.post(f"{LIST}{picture.pk}/change/", data)
    assert answer.status_code == 302, answer.context["errors"]
    process(picture.pk)
    mended = Image.objects.get()
    assert (mended.pk, mended.alt_text, mended.is_ready, mended.problem) == (picture.pk, "A ship", True, "")
    article.refresh_from_db()
    assert article.ready_lead_image == mended


def test_words_of_one_that_has_failed_are_changed_without_another_file(reporter):
    picture = failed()
    assert logged_in(reporter).post(f"{LIST}{picture.pk}/change/", {**WORDS, "caption": "C"}).status_code == 302
    assert (Image.objects.get().caption, Image.objects.get().has_failed) == ("C", True)


def test_a_file_that_failed_may_be_uploaded_again(editor):
    content = image_bytes()
    upload(editor, upload_file(content))
    Image.objects.update(original="", problem="lost", digest=None, due_at=None)
    assert upload(editor, upload_file(content)).status_code == 302
    assert Image.objects.waiting().count() == 1


def test_every_problem_has_a_sentence_that_says_what_to_do(reporter):
    for problem in ImageProblem:
        page = logged_in(reporter).get(f"{LIST}{failed(problem).pk}/change/").text
        assert "Couldn’t be processed" in page
        assert re.search(r"</b> .*(pload|smaller|Please use).*</span>", page), problem


@pytest.mark.parametrize(("make", "sign"), [(queue_upload, "waiting.svg"), (failed, "failed.svg")])
def test_a_form_shows_a_sign_for_a_picture_that_is_not_ready(editor, make, sign):
    picture = make()
    article = make_article(lead_image=picture)
    page = logged_in(editor).get(f"/admin/articles/article/{article.pk}/change/").text
    assert f'src="{LIST}{picture.pk}/thumbnail/"' in page
    assert logged_in(editor).get(f"{LIST}{picture.pk}/thumbnail/")["Location"].endswith(sign)


def test_words_saved_while_it_is_processed_undo_nothing(editor, monkeypatch):
    picture = queue_upload()
    save = Image.save

    def processed_meanwhile(self, *args, **kwargs):
        monkeypatch.setattr(Image, "save", save)
        process(self.pk)
        save(self, *args, **kwargs)

    monkeypatch.setattr(Image, "save", processed_meanwhile)
    data = {**WORDS, "alt_text": "A ship", "focal_point_x": 10}
    assert logged_in(editor).post(f"{LIST}{picture.pk}/change/", data).status_code == 302
    saved = Image.objects.get()
    assert (saved.is_ready, saved.alt_text, saved.focal_point_x) == (True, "A ship", 10)


def test_in_a_window_of_an_article_the_number_comes_back_at_once(reporter):
    answer = upload(reporter, upload_file(), _popup="1")
    assert answer.status_code == 200
    assert f'"value": "{Image.objects.get().pk}"' in html.unescape(answer.text)
