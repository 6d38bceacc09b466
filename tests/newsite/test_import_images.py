import os

from django.contrib.redirects.models import Redirect
from django.core.management import call_command
import pytest

from articles.images import upload
from articles.models import Article, BodyImage, Image
from tests.support.images import image_bytes
from tests.support.wxr_builder import author, post, wxr

pytestmark = pytest.mark.django_db


@pytest.fixture
def uploads(tmp_path):
    """Create a copy of wp-content/uploads from files by their path."""
    folder = tmp_path / "uploads"

    def put(place="2012/01/boat.jpg", content=None):
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image_bytes() if content is None else content)
        return path

    folder.mkdir()
    put.folder = folder
    return put


@pytest.fixture
def run_import(tmp_path, capsys, uploads):
    def run(*parts, **options):
        path = tmp_path / "export.xml"
        path.write_text(wxr(author(), *parts))
        call_command("import_wordpress", path, **{"media_folder": uploads.folder, **options})
        return capsys.readouterr().out.splitlines()

    return run


def attachment(id=20, place="2012/01/boat.jpg", **fields):
    meta = {"_wp_attached_file": place, "_wp_attachment_image_alt": "A boat", **fields.pop("meta", {})}
    address = f"https://old.example/wp-content/uploads/{place}"
    defaults = {"post_type": "attachment", "status": "inherit", "attachment_url": address, "excerpt": "At sea"}
    return post(id, meta=meta, **{**defaults, **fields})


def image(name="boat.jpg"):
    return f"https://old.example/wp-content/uploads/2012/01/{name}"


def test_a_picture_comes_from_the_folder_with_its_words(run_import, uploads):
    uploads()
    said = run_import(attachment())
    picture = Image.objects.get()
    assert (picture.alt_text, picture.caption, picture.width) == ("A boat", "At sea", 60)
    assert "images: 1 new" in said
    old = Redirect.objects.get(old_path="/wp-content/uploads/2012/01/boat.jpg")
    assert old.new_path == picture.file.url


@pytest.mark.parametrize("place", ["2012/01/boat.jpg", "2012/01/boat-scaled.jpg"])
@pytest.mark.parametrize("asked", ["boat.jpg", "boat-300x200.jpg", "boat-1024x768.jpg?fit=1"])
def test_all_sizes_of_a_picture_lead_to_it(run_import, uploads, client, place, asked):
    uploads(place)
    run_import(attachment(place=place))
    answer = client.get(f"/wp-content/uploads/2012/01/{asked}")
    assert (answer.status_code, answer["Location"]) == (301, Image.objects.get().file.url)
    assert client.get("/wp-content/uploads/2012/01/ship-300x200.jpg").status_code == 404


@pytest.mark.parametrize(
    "content",
    [
        f'<img src="{image()}" alt="x">',
        f'<a href="{image()}"><img src="{image("boat-300x200.jpg")}" alt="x" /></a>',
        '<img src="/wp-content/uploads/2012/01/boat.jpg?w=604" alt="">',
        f'<img src="{image("boat-scaled.jpg").replace("https", "http")}">',
        '<img src="https://i0.wp.com/old.example/wp-content/uploads/2012/01/boat.jpg?fit=1">',
        '[gallery ids="20"]',
        f'<!-- wp:image --><figure class="wp-block-image"><img src="{image()}"/></figure><!-- /wp:image -->',
    ],
)
def test_a_picture_stands_where_it_stood(run_import, uploads, content):
    uploads()
    run_import(post(7, content=f"One\n\n{content}\n\nTwo"), attachment())
    picture = Image.objects.get()
    assert Article.objects.get().body == f'<p>One</p><figure data-image="{picture.pk}"></figure><p>Two</p>'
    assert BodyImage.objects.get().image == picture


def test_a_caption_of_its_own_stays_and_the_pictures_own_is_not_repeated(run_import, uploads):
    uploads()
    figure = '[caption width="3"]<img src="{0}" /> {1}[/caption]'
    run_import(
        post(7, content=figure.format(image(), "A & B")),
        post(8, content=figure.format(image(), "At sea")),
        attachment(),
    )
    pk = Image.objects.get().pk
    assert [article.body for article in Article.objects.order_by("pk")] == [
        f'<figure data-image="{pk}"><figcaption>A &amp; B</figcaption></figure>',
        f'<figure data-image="{pk}"></figure>',
    ]


def test_the_featured_picture_leads(run_import, uploads):
    uploads()
    run_import(post(7, meta={"_thumbnail_id": "20"}), attachment())
    assert Article.objects.get().lead_image == Image.objects.get()


def test_a_gallery_without_numbers_has_what_was_attached_to_the_post(run_import, uploads):
    uploads()
    run_import(post(7, content="[gallery]"), attachment(post_parent=7))
    assert "data-image" in Article.objects.get().body


def test_the_same_file_is_one_picture(run_import, uploads):
    content = image_bytes()
    uploads("2012/01/a.jpg", content)
    uploads("2012/02/b.jpg", content)
    run_import(attachment(20, "2012/01/a.jpg"), attachment(21, "2012/02/b.jpg"))
    assert Image.objects.count() == 1


def test_a_second_time_no_file_is_read_again(run_import, uploads, monkeypatch):
    uploads()
    run_import(attachment())
    monkeypatch.setattr(upload, "get_or_create_image", None)
    assert "images: 1 unchanged" in run_import(attachment())


def test_what_lies_in_the_folder_later_takes_the_place_of_the_link(run_import, uploads):
    export = (post(7, content=f'<img src="{image()}" alt="x">'), attachment())
    said = run_import(*export)
    assert f'<a href="{image()}">' in Article.objects.get().body
    assert "skipped: image 20 “boat.jpg”: it is not in the folder" in said
    uploads()
    run_import(*export)
    assert "data-image" in Article.objects.get().body


@pytest.mark.parametrize("place", ["../secret.jpg", "/etc/../../secret.jpg", "2012/link.jpg", "a\x00b.jpg"])
def test_nothing_outside_of_the_folder_is_read(run_import, uploads, place):
    (uploads.folder.parent / "secret.jpg").write_bytes(image_bytes())
    (uploads.folder / "2012").mkdir()
    os.symlink(uploads.folder.parent / "secret.jpg", uploads.folder / "2012/link.jpg")
    run_import(attachment(20, place, attachment_url="https://old.example/x.jpg"))
    assert not Image.objects.exists()


@pytest.mark.parametrize("content", [b"", b"<html>", b"ID3 an old song"])
def test_what_is_no_picture_is_named(run_import, uploads, content):
    uploads(content=content)
    said = run_import(attachment(), post(7))
    assert any(line.startswith("skipped: image 20 “boat.jpg”: ") for line in said)
    assert Article.objects.exists()


def test_without_a_folder_every_picture_is_named(run_import, uploads):
    said = run_import(attachment(), post(7, meta={"_thumbnail_id": "20"}), media_folder=None)
    assert "skipped: image 20 “boat.jpg”: no folder was given (--media-folder)" in said
    assert any("its main image, 20, is not among the available files" in line for line in said)


def test_a_dry_run_reads_no_file(run_import, uploads, monkeypatch):
    uploads()
    monkeypatch.setattr(upload, "get_or_create_image", None)
    said = run_import(
        post(7, content=f'<img src="{image()}">', meta={"_thumbnail_id": "20"}), attachment(), dry_run=True
    )
    assert "images: 1 new" in said
    assert not any(line.startswith("note") for line in said)
    assert not Image.objects.exists()
