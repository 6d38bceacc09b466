from django.test import Client
import pytest

from tests.support.images import get_or_create, make_image, upload_file


def get(name, **headers):
    return Client().get(f"/media/{name}", headers=headers)


def test_a_picture_is_served_as_nothing_but_a_picture(db):
    picture = get_or_create(upload_file(name="page.html"))
    answer = get(picture.file.name)
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == picture.file.read()
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert not answer.cookies
    assert "Vary" not in answer


def test_who_has_it_is_not_sent_it_again(db):
    name = make_image().file.name
    etag = get(name)["ETag"]
    answer = get(name, if_none_match=etag)
    assert (answer.status_code, answer.content) == (304, b"")
    assert answer["Cache-Control"].endswith("immutable")


@pytest.mark.parametrize(
    "name",
    [
        "",
        "images/",
        "../newsite.sqlite3",
        "images/2026/11/../../../secret-key",
        "images/2026/11/%2e%2e/%2e%2e/%2e%2e/secret-key",
        "images/2026/11/..%2f..%2f..%2fsecret-key",
        "/etc/passwd",
        f"images/2026/11/{'a' * 64}.html",
        f"images/2026/11/{'a' * 64}.svg",
        f"images/2026/11/{'a' * 64}.jpg",
        f"images/2026/11/{'a' * 64}.jpg/",
        f"images/2026/11/{'a' * 64}.jpg\n",
    ],
)
def test_no_other_name_leads_anywhere(db, name):
    assert get(name).status_code == 404


def test_it_is_there_to_be_read(db):
    name = make_image().file.name
    assert Client().head(f"/media/{name}").status_code == 200
    assert Client().post(f"/media/{name}").status_code == 405
