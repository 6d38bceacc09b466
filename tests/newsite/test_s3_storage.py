"""Images in a bucket: a real client, and a server with the S3 API."""

import urllib.request

import boto3
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage, storages
from django.test import Client
from moto.server import ThreadedMotoServer
import pytest

from articles.models import Image
from newsite.backup.media import copy_new_files, restore_file, stored_names
from newsite.conf.csp import admin_policy, public_policy
from newsite.conf.env import media_storage, media_url, upload_storage
from newsite.storage import s3
from tests.support.images import get_or_create, process, upload_file

FOCUS = {"caption": "", "credit": "", "focal_point_x": "50", "focal_point_y": "50"}
NAME = f"images/2026/11/{'a' * 64}.avif"


@pytest.fixture(scope="module")
def server():
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def client(server):
    return boto3.client(
        "s3", endpoint_url=server, aws_access_key_id="k", aws_secret_access_key="s/+", region_name="eu-central-1"
    )


def in_the_bucket(settings, monkeypatch):
    settings.STORAGES = {**settings.STORAGES, "default": media_storage(), "uploads": upload_storage()}
    monkeypatch.setattr(Image._meta.get_field("original"), "storage", storages["uploads"])


@pytest.fixture
def bucket(server, client, settings, monkeypatch):
    client.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    address = f"s3://k:s%2F%2B@pictures/the/paper?endpoint_url={server}&region=eu-central-1"
    monkeypatch.setenv("MEDIA_STORAGE", address)
    in_the_bucket(settings, monkeypatch)
    yield "pictures"
    for each in client.list_objects(Bucket="pictures").get("Contents", []):
        client.delete_object(Bucket="pictures", Key=each["Key"])
    client.delete_bucket(Bucket="pictures")


@pytest.fixture
def nobody_there(settings, monkeypatch):
    monkeypatch.setattr(s3, "_TIMEOUTS", {"connect_timeout": 1, "retries": {"total_max_attempts": 1}})
    monkeypatch.setenv("MEDIA_STORAGE", "s3://k:s@pictures?endpoint_url=http://127.0.0.1:9&region=x")
    in_the_bucket(settings, monkeypatch)


def content_of(name):
    with default_storage.open(name) as file:
        return file.read()


def test_a_picture_and_all_that_is_drawn_of_it_lie_in_the_bucket_as_what_they_are(db, bucket, client):
    picture = get_or_create(upload_file())
    process(picture.pk)
    picture.refresh_from_db()
    names = [each["Key"].removeprefix("the/paper/") for each in client.list_objects(Bucket=bucket)["Contents"]]
    assert set(names) == {picture.file.name, *picture._rendition_names()}
    for name in names:
        kept = client.head_object(Bucket=bucket, Key=f"the/paper/{name}")
        ending = name.rpartition(".")[2].replace("jpg", "jpeg")
        assert (kept["ContentType"], kept["CacheControl"]) == (
            f"image/{ending}",
            "public, max-age=31536000, immutable",
        )
    picture.delete()


def test_it_is_shown_under_our_own_address_as_from_a_folder(db, bucket):
    picture = get_or_create(upload_file())
    address = picture.file.url
    assert address == f"/media/{picture.file.name}"
    answer = Client().get(address)
    assert answer.status_code == 200
    assert b"".join(answer) == content_of(picture.file.name)
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer["Cache-Control"].endswith("immutable")
    answer.close()
    assert Client().get(f"/media/{NAME}").status_code == 404


def test_with_an_address_of_its_own_pages_name_that_and_may_show_it(db, bucket, settings):
    settings.MEDIA_URL = "https://media.example.org/the/paper/"
    picture = get_or_create(upload_file())
    assert picture.file.url == f"https://media.example.org/the/paper/{picture.file.name}"
    assert picture.crops()[0].address == picture.file.url
    for policy in (public_policy(settings.MEDIA_URL), admin_policy(settings.MEDIA_URL)):
        assert "https://media.example.org" in policy["img-src"]
    assert public_policy("/media/")["img-src"] == ["'self'"]


def test_a_deleted_picture_is_gone_from_the_bucket(db, bucket, client, django_capture_on_commit_callbacks):
    picture = get_or_create(upload_file())
    with django_capture_on_commit_callbacks(execute=True):
        picture.delete()
    assert "Contents" not in client.list_objects(Bucket=bucket)


def test_a_name_is_never_given_twice(bucket):
    """Caches may keep images for ever, so a name is never reused for another image."""
    first, second = (default_storage.save(NAME, ContentFile(content)) for content in (b"one", b"two"))
    assert first == NAME != second
    assert content_of(first) == b"one"


def test_a_backup_has_its_pictures_and_a_restore_puts_them_back(bucket, tmp_path):
    default_storage.save(NAME, ContentFile(b"picture"))
    copy_new_files(tmp_path)
    assert (tmp_path / NAME).read_bytes() == b"picture"
    default_storage.delete(NAME)
    assert list(stored_names()) == []
    restore_file(NAME, tmp_path / NAME)
    restore_file(NAME, tmp_path / NAME)
    assert list(stored_names()) == [NAME]
    assert content_of(NAME) == b"picture"


def test_who_asks_the_bucket_itself_is_told_its_type_and_to_keep_it(bucket, client, server):
    default_storage.save(NAME, ContentFile(b"picture"))
    client.put_object_acl(Bucket=bucket, Key=f"the/paper/{NAME}", ACL="public-read")
    with urllib.request.urlopen(f"{server}/{bucket}/the/paper/{NAME}") as answer:
        assert answer.headers["Content-Type"] == "image/avif"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_where_the_bucket_does_not_answer_a_picture_is_503_and_an_upload_is_told_so(editor, nobody_there, caplog):
    answer = Client().get(f"/media/{NAME}")
    assert (answer.status_code, answer["Retry-After"]) == (503, "10")
    client = Client()
    client.force_login(editor)
    page = client.post("/admin/articles/image/add/", {"file": upload_file(), "alt_text": "A <ferry>"} | FOCUS)
    assert page.status_code == 200
    assert "We couldn’t save this file." in page.text
    assert 'value="A &lt;ferry&gt;"' in page.text
    assert not Image.objects.exists()
    assert "The image bucket failed: " in caplog.text


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("MEDIA_STORAGE", "https://bucket", media_storage),
        ("MEDIA_STORAGE", "s3://", media_storage),
        ("MEDIA_STORAGE", "s3://only-a-key@bucket", media_storage),
        ("MEDIA_STORAGE", "s3://bucket?endpoint=https://host", media_storage),
        ("MEDIA_STORAGE", "s3://bucket?nothing", media_storage),
        ("MEDIA_URL", "media.example.org", lambda: media_url("/media/")),
        ("MEDIA_URL", "https://media.example.org/no-slash", lambda: media_url("/media/")),
        ("MEDIA_URL", "https://media.example.org/?x=/", lambda: media_url("/media/")),
    ],
)
def test_a_wrong_setting_is_named_and_no_key_is_repeated(monkeypatch, name, value, read):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name) as error:
        read()
    assert "only-a-key" not in str(error.value)


def test_without_one_pictures_lie_in_a_folder(monkeypatch):
    monkeypatch.delenv("MEDIA_STORAGE", raising=False)
    assert media_storage() == {"BACKEND": "newsite.storage.atomic.AtomicFileStorage"}
    assert media_url("/media/") == "/media/"
