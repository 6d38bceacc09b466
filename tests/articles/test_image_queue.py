"""Processing of an upload by the worker, one step after another, until readers see the image."""

from datetime import timedelta
import time
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
import pytest
import time_machine

from articles.images import process as process_module
from articles.images.process import ProcessingFailed, process_lock
from articles.images.protocol import DECODE_UPLOAD, DRAW_RENDITIONS
from articles.images.queue import MAX_ATTEMPTS, Attempt, ImageQueue, purge_orphaned_uploads
from articles.images.upload import UPLOAD_FOLDER, DecodeUploadJob
from articles.models import Article, Image
from articles.models.image import uploads_storage
from newsite.backup.media import stored_names
from tests.abuse.hostile_images import png_of_zeros
from tests.support.images import draw_image, image_bytes, make_image, process, queue_upload

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _a_host_of_its_own(monkeypatch, tmp_path):
    """Tests beside this one decode, too."""
    locks = {kind: tmp_path / kind for kind in (DECODE_UPLOAD, DRAW_RENDITIONS)}
    for lock in locks.values():
        lock.touch()
    monkeypatch.setattr(process_module, "_LOCKS", locks)


def again(picture):
    return Image.objects.get(pk=picture.pk)


def work_through(queue):
    """Run the steps of the worker until none is due; return the number of steps that did something."""
    done = 0
    while queue.step() or queue.is_busy:
        done += 1
        time.sleep(0.01)
    return done


def test_an_upload_becomes_a_picture_and_then_gets_its_renditions(django_capture_on_commit_callbacks):
    picture = queue_upload()
    assert (picture.is_waiting, picture.is_ready, picture.has_failed) == (True, False, False)
    name = picture.original.name
    with django_capture_on_commit_callbacks(execute=True):
        process(picture.pk)
    first = again(picture)
    assert (first.is_waiting, first.is_ready, first.renditions, first.attempts) == (False, True, {}, 0)
    assert default_storage.exists(first.file.name)
    assert not uploads_storage().exists(name)
    process(picture.pk)
    assert again(picture).renditions["widths"]
    assert again(picture).due_at is None


def test_the_worker_does_all_of_it_and_never_waits_for_the_decoder(monkeypatch):
    pictures = [queue_upload(), queue_upload()]

    def sleep(seconds):
        pytest.fail("it waits")

    monkeypatch.setattr(process_module, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    work_through(ImageQueue())
    assert [again(each).due_at for each in pictures] == [None, None]


def test_the_name_of_an_upload_is_a_secret_and_not_one_that_is_served(client):
    name = queue_upload().original.name
    assert name.startswith(f"{UPLOAD_FOLDER}/")
    assert len(name) > 64
    assert client.get(f"/media/{name}", follow=True).status_code == 404


def test_the_size_is_that_of_the_clean_image():
    content = image_bytes(image=draw_image(3_000, 30))
    picture = queue_upload(content)
    assert (picture.width, picture.height) == (3_000, 30)
    process(picture.pk)
    assert (again(picture).width, again(picture).height) == (2_560, 26)


def test_what_cannot_be_decoded_has_failed_and_nothing_of_it_is_kept(django_capture_on_commit_callbacks, caplog):
    content = image_bytes(image=draw_image(300, 300))
    picture = queue_upload(content[: len(content) // 2])
    name = picture.original.name
    with django_capture_on_commit_callbacks(execute=True):
        process(picture.pk)
    failed = again(picture)
    assert (failed.has_failed, failed.problem, failed.digest, failed.due_at) == (True, "unreadable", None, None)
    assert not uploads_storage().exists(name)
    assert f"Image {picture.pk} was rejected: unreadable (OSError: image file is truncated" in caplog.text


def test_what_costs_too_much_has_failed(settings):
    settings.IMAGE_PROCESS_MEMORY_BYTES = 120 * 1024 * 1024
    picture = queue_upload(png_of_zeros(4_000, 4_000, color=6))
    process(picture.pk)
    assert again(picture).problem == "costly"


def broken(monkeypatch, error):
    def finish(self, files):
        raise error

    monkeypatch.setattr(DecodeUploadJob, "finish", finish)


def test_what_goes_wrong_is_tried_three_times_and_then_has_failed(monkeypatch, caplog):
    picture = queue_upload()
    broken(monkeypatch, ProcessingFailed("out of luck"))
    for minutes in (10, 20):
        process(picture.pk)
        waiting = again(picture)
        assert (waiting.is_waiting, waiting.problem) == (True, "lost")
        wait = waiting.due_at - timezone.now()
        assert timedelta(minutes=minutes - 1) < wait <= timedelta(minutes=minutes)
        Image.objects.update(due_at=timezone.now())
    process(picture.pk)
    assert (again(picture).has_failed, again(picture).problem) == (True, "lost")
    assert caplog.text.count("could not be processed: out of luck") == 3


def test_one_that_kills_every_worker_is_given_up():
    picture = queue_upload()
    Image.objects.update(attempts=MAX_ATTEMPTS)
    assert not ImageQueue().step()
    assert again(picture).problem == "lost"


def test_a_storage_that_is_away_is_no_fault_of_the_picture(monkeypatch, caplog):
    picture = queue_upload()

    def away(name, mode="rb"):
        raise OSError("no answer")

    monkeypatch.setattr(picture._meta.get_field("original").storage, "open", away)
    for _number in range(5):
        Image.objects.update(due_at=timezone.now())
        process(picture.pk)
        assert again(picture).attempts == 0
    assert again(picture).is_waiting
    assert timedelta(seconds=30) < again(picture).due_at - timezone.now() <= timedelta(minutes=1)
    assert "retried in a minute: no answer" in caplog.text


def test_no_room_for_the_clean_image_is_no_fault_of_the_picture(monkeypatch):
    picture = queue_upload()

    def full(name, content, max_length=None):
        raise OSError("no space left")

    monkeypatch.setattr(picture._meta.get_field("file").storage, "save", full)
    process(picture.pk)
    assert (again(picture).is_waiting, again(picture).attempts) == (True, 0)


def test_an_upload_whose_file_is_gone_is_given_up_in_the_end():
    picture = queue_upload()
    uploads_storage().delete(picture.original.name)
    for _number in range(3):
        process(picture.pk)
        Image.objects.exclude(due_at=None).update(due_at=timezone.now())
    assert again(picture).problem == "lost"


def test_one_that_is_deleted_meanwhile_leaves_nothing_behind():
    picture = queue_upload()
    queue = ImageQueue()
    assert queue.step()
    Image.objects.all().delete()
    work_through(queue)
    assert not [name for name in stored_names() if picture.digest in name]


def test_told_to_stop_it_gives_back_what_it_has_in_hand():
    picture = queue_upload()
    queue = ImageQueue()
    assert queue.step()
    assert again(picture).due_at > timezone.now()
    queue.stop()
    assert not queue.is_busy
    assert (again(picture).attempts, again(picture).due_at <= timezone.now()) == (0, True)
    work_through(ImageQueue())
    assert again(picture).renditions


def test_nothing_is_begun_while_another_process_decodes_on_this_host():
    picture = queue_upload()
    with process_lock(DECODE_UPLOAD, waits=True):
        assert not ImageQueue().step()
    assert again(picture).attempts == 0


def test_renditions_are_drawn_while_an_import_decodes():
    make_image()
    queue = ImageQueue()
    with process_lock(DECODE_UPLOAD, waits=True):
        assert queue.step()
    queue.stop()


def test_two_workers_do_not_take_the_same_picture():
    picture = queue_upload()
    first, second = Attempt(again(picture)), Attempt(again(picture))
    assert first.claim()
    assert not second.claim()


def test_those_that_were_tried_least_come_first():
    tried, fresh = queue_upload(), queue_upload()
    Image.objects.filter(pk=tried.pk).update(attempts=1, due_at=timezone.now() - timedelta(hours=1))
    queue = ImageQueue()
    queue.step()
    assert [again(each).attempts for each in (tried, fresh)] == [1, 1]
    queue.stop()


def test_an_upload_comes_before_the_renditions_of_others():
    older, upload = make_image(), queue_upload()
    Image.objects.filter(pk=older.pk).update(due_at=timezone.now() - timedelta(hours=1))
    Image.objects.filter(pk=upload.pk).update(attempts=1)
    queue = ImageQueue()
    assert queue.step()
    assert (again(older).attempts, again(upload).attempts) == (0, 2)
    queue.stop()


def test_articles_move_when_their_picture_becomes_ready(article):
    article.lead_image = picture = queue_upload()
    article.save()
    process(picture.pk)
    assert Article.objects.get().version == article.version + 1


def test_words_that_are_saved_meanwhile_undo_nothing():
    picture = queue_upload()
    in_a_form = again(picture)
    process(picture.pk)
    in_a_form.alt_text = "A ship"
    in_a_form.save(update_fields=["alt_text"])
    assert (again(picture).alt_text, again(picture).is_ready) == ("A ship", True)


def test_another_focus_is_due_also_if_only_that_is_saved():
    picture = make_image()
    process(picture.pk)
    picture = again(picture)
    picture.focal_point_x = 3
    picture.save(update_fields=["focal_point_x"])
    assert again(picture).due_at is not None


def test_uploads_that_no_picture_knows_go_after_a_day():
    known = queue_upload().original.name
    orphan = uploads_storage().save(f"{UPLOAD_FOLDER}/orphan", ContentFile(b"x"))
    purge_orphaned_uploads()
    assert uploads_storage().exists(orphan)
    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        purge_orphaned_uploads()
    assert not uploads_storage().exists(orphan)
    assert uploads_storage().exists(known)


def test_all_its_files_go_with_it_also_the_original(django_capture_on_commit_callbacks):
    picture = queue_upload()
    with django_capture_on_commit_callbacks(execute=True):
        picture.delete()
    assert not uploads_storage().exists(picture.original.name)
