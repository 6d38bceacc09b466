import errno
import io
import os
import sys
import time

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image as PILImage
from PIL import ImageCms, PngImagePlugin
import pytest

from articles.images import process as process_module
from articles.images.protocol import MAX_EDGE_PIXELS
from articles.images.upload import (
    UPLOAD_FOLDER,
    check_upload,
    get_or_create_image,
    queue_image,
    save_image,
    store_original,
)
from articles.models import Image
from newsite.conf.env import upload_storage
from newsite.storage import atomic
from newsite.storage.atomic import AtomicFileStorage
from tests.abuse.hostile_images import png_of_zeros
from tests.support.images import draw_image, image_bytes, make_image, png_of_size, process_bytes, upload_file

SECRET = "51.4778 N, 0.0015 W"
UNREADABLE = "This file is damaged or isn’t an image we can read"


def kept(**options):
    """Process an upload with these options, and return the stored image, opened."""
    return PILImage.open(io.BytesIO(process_bytes(upload_file(**options)).content))


@pytest.mark.parametrize(
    ("kind", "kept_as", "extension"),
    [
        ("JPEG", "JPEG", "jpg"),
        ("PNG", "PNG", "png"),
        ("GIF", "PNG", "png"),
        ("WEBP", "WEBP", "webp"),
        ("AVIF", "WEBP", "webp"),
    ],
)
def test_each_format_is_known_by_its_content_and_drawn_anew(kind, kept_as, extension):
    result = process_bytes(upload_file(kind=kind, name="page.html"))
    assert (result.extension, result.width, result.height) == (extension, 60, 40)
    assert PILImage.open(io.BytesIO(result.content)).format == kept_as


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_no_metadata_is_left(kind):
    exif = PILImage.Exif()
    exif[0x010E] = SECRET
    exif.get_ifd(0x8825)[1] = "N"
    options = {"exif": exif.tobytes(), "xmp": f"<x>{SECRET}</x>".encode()}
    if kind == "JPEG":
        options["comment"] = SECRET
    if kind == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Comment", SECRET)
        text.add_itxt("XML:com.adobe.xmp", SECRET)
        options = {"exif": exif.tobytes(), "pnginfo": text}
    content = image_bytes(kind, **options)
    assert SECRET.encode() in content
    result = process_bytes(upload_file(content))
    assert SECRET.encode() not in result.content
    image = PILImage.open(io.BytesIO(result.content))
    image.load()
    assert not image.getexif()
    assert set(image.info) <= {
        "jfif",
        "jfif_version",
        "jfif_unit",
        "jfif_density",
        "progressive",
        "progression",
        "loop",
    } | {"background", "timestamp", "duration"}


@pytest.mark.parametrize("kind", ["JPEG", "GIF", "PNG", "WEBP"])
def test_what_hides_behind_a_picture_is_gone(kind):
    content = image_bytes(kind) + b"<script>alert(1)</script>PK\x03\x04"
    result = process_bytes(upload_file(content))
    assert b"<script>" not in result.content
    assert b"PK\x03\x04" not in result.content


def test_a_picture_taken_upright_stands_upright():
    exif = PILImage.Exif()
    exif[0x0112] = 6  # lying on its right side
    image = kept(image=draw_image(60, 40), exif=exif.tobytes())
    assert image.size == (40, 60)
    assert image.getpixel((20, 10))[0] > 150 > image.getpixel((20, 50))[0]


def test_colours_are_brought_to_srgb():
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert kept(icc_profile=profile).info.get("icc_profile") is None  # a profile of another colour model: removed
    assert kept(icc_profile=b"nonsense").info.get("icc_profile") is None
    assert kept(image=draw_image(color=128, mode="L")).mode == "RGB"
    assert kept(image=draw_image(color=(0, 255, 255, 0), mode="CMYK")).getpixel((5, 5))[0] > 200


def test_sixteen_bits_of_grey_are_not_cut_off():
    image = PILImage.new("I;16", (8, 8), 32768)
    assert kept(kind="PNG", image=image).getpixel((4, 4)) == (128, 128, 128)


def test_what_shows_through_goes_on_showing_through():
    image = kept(kind="PNG", image=draw_image(color=(255, 0, 0, 0), mode="RGBA"))
    assert image.getpixel((5, 5))[3] == 0


def test_a_large_picture_is_made_as_large_as_a_screen():
    result = process_bytes(upload_file(image=draw_image(6000, 30)))
    assert (result.width, result.height) == (MAX_EDGE_PIXELS, 13)


def test_a_telephones_picture_with_another_behind_it_is_its_first():
    content = image_bytes("MPO", draw_image(60, 40), save_all=True, append_images=[draw_image(30, 30)])
    result = process_bytes(upload_file(content))
    assert (result.extension, result.width, result.height) == ("jpg", 60, 40)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html><script>alert(1)</script></html>",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>',
        b"%PDF-1.7",
        b"II*\0" + b"\0" * 100,
        image_bytes("TIFF"),
        image_bytes("BMP"),
        image_bytes("ICO"),
        image_bytes("PPM"),
        image_bytes("JPEG", draw_image(400, 400))[:300],
        image_bytes("PNG")[:60],
        image_bytes("AVIF")[:-40],
        b"GIF89a\x10\0\x10\0" + bytes(range(200)),
        b"\xff\xd8\xff\xe0" + bytes(range(200)),
        b"RIFF\x00\x00\x00\x00WEBPVP8L" + bytes(range(200)),
    ],
)
def test_what_is_no_picture_for_us_is_refused_with_a_sentence(content):
    with pytest.raises(ValidationError, match=UNREADABLE):
        process_bytes(upload_file(content, name="innocent.jpg"))


@pytest.mark.parametrize(
    ("size", "sentence"),
    [
        ((12_000, 9_000), "Image too large: 12,000 × 9,000 pixels .maximum 36 megapixels, JPEGs 64"),
        ((6_100, 6_000), "Image too large: 6,100 × 6,000 pixels .maximum 36 megapixels"),
        ((50_000, 50_000), "Image too large: 50,000 × 50,000 pixels .maximum 20,000 pixels a side"),
        ((1, 36_000_000), "Image too large: 1 × 36,000,000 pixels .maximum 20,000 pixels a side"),
        ((2**31 - 1, 1), "Make it smaller and upload it again."),
    ],
)
def test_too_many_pixels_and_too_long_edges_are_refused_by_the_header(size, sentence):
    with pytest.raises(ValidationError, match=sentence):
        check_upload(upload_file(png_of_size(*size)))


def test_a_large_camera_may_make_more(settings):
    settings.IMAGE_MAX_PIXELS, settings.JPEG_MAX_PIXELS = 100, 2_400
    assert process_bytes(upload_file(image=draw_image(60, 40))).width == 60
    with pytest.raises(ValidationError, match="megapixels"):
        process_bytes(upload_file(image=draw_image(60, 41)))
    with pytest.raises(ValidationError, match="megapixels"):
        process_bytes(upload_file(kind="WEBP"))


def test_a_file_of_too_many_bytes_is_not_even_opened(settings):
    settings.IMAGE_MAX_BYTES = 3 * 1024 * 1024
    with pytest.raises(ValidationError, match="maximum 3 MB"):
        process_bytes(upload_file(b"\0" * (3 * 1024 * 1024 + 1)))


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG"])
def test_what_moves_is_refused(kind):
    content = image_bytes(kind, draw_image(), save_all=True, append_images=[draw_image(color=(0, 0, 255))])
    with pytest.raises(ValidationError, match="Animated images"):
        process_bytes(upload_file(content))


def test_the_same_file_is_one_picture_whatever_its_name(db):
    content = image_bytes()
    first = get_or_create_image(upload_file(content, name="../../etc/a.jpg"), alt_text="A boat")
    again = get_or_create_image(upload_file(content, name="b.html"), alt_text="Other words")
    assert first == again
    assert Image.objects.get().alt_text == "A boat"


def test_its_name_tells_nothing_of_the_uploader(db):
    picture = get_or_create_image(upload_file(name="Mrs Smith at home.jpeg"))
    assert picture.digest in picture.file.name
    assert "Smith" not in picture.file.name
    assert picture.file.name.endswith(".jpg")
    assert default_storage.exists(picture.file.name)


def test_two_who_give_the_same_at_the_same_time_have_one_picture(db):
    content = image_bytes()
    clean_image = process_bytes(upload_file(content))
    first = save_image(clean_image, Image(digest="d" * 64))
    late = Image(digest="d" * 64)
    assert save_image(clean_image, late) == first
    assert not default_storage.exists(late.file.name)
    assert default_storage.exists(first.file.name)


def test_two_who_upload_the_same_at_the_same_time_have_one_picture(db):
    upload = check_upload(upload_file())
    first = queue_image(upload, Image(), original=store_original(upload))
    late = Image()
    assert queue_image(upload, late, original=store_original(upload)) == first
    assert not late.original.storage.exists(late.original.name)
    assert first.original.storage.exists(first.original.name)


def test_what_has_no_room_on_the_disk_is_refused_and_nothing_of_it_stays(db, monkeypatch, caplog, tmp_path):
    monkeypatch.setattr(Image._meta.get_field("file"), "storage", AtomicFileStorage(tmp_path))
    written = []

    def full(descriptor):
        written.append(os.fstat(descriptor).st_size)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(atomic.os, "fsync", full)
    with pytest.raises(ValidationError, match="couldn’t save this file"):
        get_or_create_image(upload_file())
    assert written[0] > 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Image.objects.exists()
    assert [record.getMessage() for record in caplog.records] == [
        "An image could not be stored: [Errno 28] No space left on device"
    ]


def test_a_file_that_is_there_is_never_written_over_and_the_web_server_may_read_it(tmp_path):
    storage = AtomicFileStorage(tmp_path)
    names = [storage.save("one.jpg", ContentFile(content)) for content in (b"first", b"second")]
    assert [(tmp_path / name).read_bytes() for name in names] == [b"first", b"second"]
    assert (tmp_path / names[0]).stat().st_mode & 0o777 == 0o644
    assert len(list(tmp_path.iterdir())) == 2


def test_what_was_left_by_whoever_was_killed_is_no_file_and_goes_in_time(tmp_path):
    storage = AtomicFileStorage(location=tmp_path)
    left, being_written = (tmp_path / f".unfinished-{name}" for name in ("left", "now"))
    for path, age in ((left, 2 * 60 * 60), (being_written, 1)):
        path.write_bytes(b"half of it")
        os.utime(path, times=(time.time() - age,) * 2)
    assert storage.listdir("") == ([], [])
    storage.save("a.png", ContentFile(b"a picture"))
    assert storage.listdir("") == ([], ["a.png"])
    assert not left.exists()
    assert being_written.exists()


def test_files_go_with_their_picture(db, django_capture_on_commit_callbacks):
    one, other = make_image(), make_image()
    with django_capture_on_commit_callbacks(execute=True):
        one.delete()
        Image.objects.filter(pk=other.pk).delete()
    assert not default_storage.exists(one.file.name)
    assert not default_storage.exists(other.file.name)


def test_what_another_process_has_in_hand_is_not_imported_twice(db):
    upload = check_upload(upload_file())
    queue_image(upload, Image(), original=store_original(upload))
    with pytest.raises(ValidationError, match="already being processed"):
        get_or_create_image(upload.file)
    assert Image.objects.get().is_waiting


def test_a_command_waits_for_the_process_and_has_a_picture_that_is_ready(db):
    picture = get_or_create_image(upload_file(), alt_text="A boat")
    assert picture.is_ready
    assert default_storage.open(picture.file.name).read(2) == b"\xff\xd8"


@pytest.mark.parametrize(
    ("content", "limit", "sentence"),
    [
        (image_bytes("JPEG", draw_image(400, 400))[:-60], None, "damaged or isn’t an image"),
        (png_of_zeros(4_000, 4_000, color=6), 120 * 1024 * 1024, "too much memory or time"),
    ],
)
def test_a_command_is_told_why_an_image_is_refused(db, settings, content, limit, sentence):
    settings.IMAGE_PROCESS_MEMORY_BYTES = limit or settings.IMAGE_PROCESS_MEMORY_BYTES
    with pytest.raises(ValidationError, match=sentence):
        get_or_create_image(upload_file(content))
    assert not Image.objects.exists()


def test_a_process_that_fails_a_command_is_logged(db, monkeypatch, caplog):
    monkeypatch.setattr(process_module.ImageProcess, "_command", [sys.executable, "-c", "raise SystemExit('bad luck')"])
    with pytest.raises(ValidationError, match="couldn’t process this image"):
        get_or_create_image(upload_file())
    assert "An image could not be processed: bad luck" in caplog.text


def test_an_upload_can_be_read_by_the_site_alone(tmp_path):
    storage = AtomicFileStorage(tmp_path, **upload_storage()["OPTIONS"])
    name = storage.save(f"{UPLOAD_FOLDER}/secret", ContentFile(b"x"))
    assert [path.stat().st_mode & 0o777 for path in (tmp_path / name, tmp_path / UPLOAD_FOLDER)] == [0o600, 0o700]
