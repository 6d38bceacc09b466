from datetime import timedelta
import io

from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image as PILImage
import pytest
import time_machine

from articles.images import renditions
from articles.images.queue import ImageQueue
from articles.images.renditions import DrawRenditionsJob
from articles.models import Article, Image
from tests.conftest import make_article
from tests.support.images import draw_image, get_or_create, make_image, process, upload_file


def opened(name):
    return PILImage.open(io.BytesIO(default_storage.open(name).read()))


def test_a_picture_is_drawn_in_four_widths_and_two_formats(db, monkeypatch):
    monkeypatch.setattr(renditions, "WIDTHS", (10, 20, 30, 48))  # in place of 400 to 1920, to save time
    picture = make_image()
    process(picture.pk)
    picture.refresh_from_db()
    assert [each["width"] for each in picture.renditions["widths"]] == [10, 20, 30, 48]
    for each in picture.renditions["widths"]:
        for kind in ("avif", "webp"):
            image = opened(each[kind])
            assert (image.format, image.size) == (kind.upper(), (each["width"], each["height"]))
    assert picture.due_at is None


def test_no_rendition_is_larger_than_the_picture(db):
    picture = make_image(width=60)
    process(picture.pk)
    picture.refresh_from_db()
    assert [each["width"] for each in picture.renditions["widths"]] == [60]


def test_articles_that_show_it_move_when_it_is_drawn(article):
    picture = make_image()
    article.lead_image = picture
    article.save()
    process(picture.pk)
    assert Article.objects.get().version == article.version + 1


def test_changed_words_move_the_articles_that_show_it(article):
    article.lead_image = picture = make_image()
    article.save()
    picture.caption = "Another"
    picture.save()
    assert Article.objects.get().version == article.version + 1


def test_crops_for_machines_keep_what_is_in_focus(db):
    picture = make_image(width=400, height=100, focal_point_x=0)
    assert [(crop.address, crop.width) for crop in picture.crops()] == [
        (f"http://testserver/media/{picture.file.name}", 400)
    ]
    process(picture.pk)
    picture.refresh_from_db()
    crops = picture.crops()
    assert [(crop.width, crop.height) for crop in crops] == [(177, 99), (133, 99), (100, 100)]
    assert crops[0].address.startswith("http://testserver/media/images/")
    square = opened(picture.renditions["crops"][2]["name"])
    assert square.format == "JPEG"
    assert square.getpixel((98, 50))[0] > 150  # all of it the left half


def test_another_focus_makes_other_crops_under_other_names(db):
    picture = make_image()
    process(picture.pk)
    picture.refresh_from_db()
    before = picture.renditions
    picture.focal_point_x = 90
    picture.save()
    process(picture.pk)
    picture.refresh_from_db()
    assert picture.renditions["widths"] == before["widths"]
    assert not {each["name"] for each in picture.renditions["crops"]} & {each["name"] for each in before["crops"]}


def test_what_shows_through_stands_on_white_for_machines(db):
    picture = get_or_create(upload_file(kind="PNG", image=draw_image(40, 40, color=(0, 0, 0, 0), mode="RGBA")))
    process(picture.pk)
    picture.refresh_from_db()
    assert opened(picture.renditions["crops"][2]["name"]).getpixel((20, 20)) == (255, 255, 255)


def test_drawn_once_it_is_not_drawn_again(db, monkeypatch):
    picture = make_image()
    process(picture.pk)
    monkeypatch.setattr(DrawRenditionsJob, "finish", lambda self, files: pytest.fail("drawn again"))
    process(picture.pk)
    assert not ImageQueue().step()


def assert_due_in(*, minutes):
    due = Image.objects.get().due_at - timezone.now()
    assert timedelta(minutes=minutes - 1) < due <= timedelta(minutes=minutes)


def test_what_fails_is_logged_and_tried_again_ever_later(db, caplog):
    picture = make_image()
    content = default_storage.open(picture.file.name).read()
    default_storage.delete(picture.file.name)
    process(picture.pk)
    assert f"Image {picture.pk} could not be processed: its file is gone" in caplog.text
    assert_due_in(minutes=10)
    with time_machine.travel(Image.objects.get().due_at, tick=False):
        process(picture.pk)
        assert_due_in(minutes=20)
    default_storage.save(picture.file.name, io.BytesIO(content))
    with time_machine.travel(Image.objects.get().due_at):
        process(picture.pk)
    assert Image.objects.get().due_at is None
    assert Image.objects.get().attempts == 0


def test_a_focus_set_while_it_is_drawn_is_not_lost(db, monkeypatch):
    picture = make_image()

    finish = DrawRenditionsJob.finish

    def finish_meanwhile(self, files):
        Image.objects.filter(pk=picture.pk).update(focal_point_x=10, due_at=timezone.now())
        return finish(self, files)

    monkeypatch.setattr(DrawRenditionsJob, "finish", finish_meanwhile)
    process(picture.pk)
    assert Image.objects.due().exists()


def test_all_its_files_go_with_it(db, django_capture_on_commit_callbacks):
    picture = make_image()
    process(picture.pk)
    picture.refresh_from_db()
    names = [picture.file.name, *picture._rendition_names()]
    assert len(names) == 6
    with django_capture_on_commit_callbacks(execute=True):
        picture.delete()
    assert not any(default_storage.exists(name) for name in names)


def test_a_picture_without_renditions_breaks_no_page(db, client):
    article = make_article(lead_image=make_image())
    assert client.get(article.get_absolute_url()).status_code == 200
