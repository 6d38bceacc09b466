"""Large and endless request bodies: their disk usage, and which clients may send them."""

import contextlib
from io import BytesIO
import os
from pathlib import Path
import socket
import time
from urllib.parse import urlencode, urlsplit

from PIL import Image
import pytest

from tests.support.full_stack import wait_until
from tests.support.http_client import FORM, ask, send

LOGIN = "/admin/login/"
ARTICLES = "/admin/articles/article/add/"
IMAGES = "/admin/articles/image/add/"
MEGABYTE = 1024 * 1024
MULTIPART = "multipart/form-data; boundary=limit"


def stored_bytes(stack):
    """Disk space that bodies occupy. nginx has deleted their names already, so its open files are counted."""
    found = {}
    for pid in stack.nginx.all():
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if f"{stack.folder}/nginx-body" in os.readlink(descriptor):
                    status = descriptor.stat()
                    found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(found.values())


@contextlib.contextmanager
def begun(stack, path, *, length, sent, sender="127.0.20.1", cookie="", content_type=MULTIPART):
    """Open a connection and send so much of the body, as far as nginx reads it."""
    host = urlsplit(stack.url)
    head = f"POST {path} HTTP/1.1\r\nHost: {host.netloc}\r\nContent-Type: {content_type}\r\nCookie: {cookie}\r\n"
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    body = f"{sent:x}\r\n".encode() if length is None else b""
    with socket.create_connection((host.hostname, host.port), 10, source_address=(sender, 0)) as connection:
        connection.sendall(f"{head}{size}\r\n\r\n".encode() + body)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(b"x" * sent)
        yield connection


def status_of(connection):
    return int(connection.recv(100).split()[1])


def is_unanswered(connection):
    connection.settimeout(0.2)
    try:
        return not connection.recv(1)
    except TimeoutError:
        return True


@pytest.fixture
def session(stack):
    return f"sessionid={stack.session_id_for('editor')}"


@pytest.mark.parametrize("cookie", ["", "sessionid=madeupmadeupmadeupmadeupmadeup12"])
@pytest.mark.parametrize("length", [400_000, None])
@pytest.mark.parametrize("path", [LOGIN, ARTICLES, IMAGES])
def test_of_a_strangers_large_body_nothing_is_stored_in_the_newsroom(stack, path, length, cookie):
    """Check that the response arrives while most of the body is still missing."""
    with begun(stack, path, length=length, sent=100_000, cookie=cookie) as connection:
        assert status_of(connection) == 403
        assert stored_bytes(stack) == 0


def test_eight_connections_pin_nothing_where_they_pinned_830_megabytes(stack):
    with contextlib.ExitStack() as kept:
        for path in [LOGIN, IMAGES] * 4:
            kept.enter_context(begun(stack, path, length=100 * MEGABYTE - 10, sent=MEGABYTE))
        assert stored_bytes(stack) == 0


@pytest.mark.parametrize(("path", "megabytes"), [(LOGIN, 3), (ARTICLES, 3), (IMAGES, 33)])
def test_what_no_form_takes_is_413_also_for_staff(stack, session, path, megabytes):
    with begun(stack, path, length=megabytes * MEGABYTE, sent=0, cookie=session) as connection:
        assert status_of(connection) == 413


def test_a_stranger_is_told_to_log_in(stack):
    answer = ask(stack.url, IMAGES, method="POST", body=b"x" * 200_000, headers={"Content-Type": MULTIPART})
    assert answer.status == 403
    assert "Please log in again." in answer.text
    assert "Retry-After" not in answer.headers


def test_who_may_not_add_images_sends_none(stack):
    stack.python(
        "from tests.conftest import make_user; from django.contrib.auth.models import User\n"
        "User.objects.filter(username='desk').exists() or make_user('desk', 'Moderators')"
    )
    with begun(
        stack, IMAGES, length=MEGABYTE, sent=MEGABYTE // 2, cookie=f"sessionid={stack.session_id_for('desk')}"
    ) as it:
        assert status_of(it) == 403
        assert stored_bytes(stack) == 0


def test_a_second_factor_that_is_owed_is_no_session(stack):
    stack.python(
        "from tests.conftest import make_user; from django.contrib.auth.models import User\n"
        "from django_otp.plugins.otp_totp.models import TOTPDevice\n"
        "User.objects.filter(username='owing').exists() or TOTPDevice.objects.create("
        "user=make_user('owing', 'Editors'), name='app', confirmed=True)"
    )
    cookie = f"sessionid={stack.session_id_for('owing')}"
    with begun(stack, IMAGES, length=MEGABYTE, sent=MEGABYTE // 2, cookie=cookie) as connection:
        assert status_of(connection) == 403


def multipart(image, **fields):
    parts = [
        f'--limit\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()
    ]
    head = (
        '--limit\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
    )
    return "\r\n".join([*parts, head]).encode() + image + b"\r\n--limit--\r\n"


def csrf_token(stack, session):
    page = ask(stack.url, IMAGES, headers={"Cookie": session})
    (cookie,) = (each.partition(";")[0] for each in page.headers.get_all("Set-Cookie") if each.startswith("csrftoken"))
    return cookie


def upload(stack, session, image):
    cookie = csrf_token(stack, session)
    fields = {"csrfmiddlewaretoken": cookie.partition("=")[2], "alt_text": "A lighthouse", "credit": "Ada"}
    headers = {"Content-Type": MULTIPART, "Cookie": f"{session}; {cookie}", "Origin": stack.url}
    body = multipart(image, **fields, caption="", focal_point_x="50", focal_point_y="50")
    return ask(stack.url, IMAGES, method="POST", body=body, headers=headers)


def test_an_editor_adds_an_image_and_is_told_of_one_too_large_at_its_field(stack, session):
    image = BytesIO()
    Image.effect_noise((900, 600), 90).convert("RGB").save(image, "JPEG", quality=98)
    assert len(image.getvalue()) > 300_000
    assert upload(stack, session, image.getvalue()).status == 302
    answer = upload(stack, session, b"x" * 26 * MEGABYTE)
    assert answer.status == 200
    assert "errornote" in answer.text


def test_a_long_read_in_cyrillic_reaches_its_form(stack, session):
    """Send 100,000 Cyrillic characters, which are 600,000 bytes when form-encoded."""
    body = urlencode({"headline": "Ж", "body": "ж" * 100_000})
    answer = ask(stack.url, ARTICLES, method="POST", body=body, headers={**FORM, "Cookie": session})
    assert len(body) > 600_000
    assert "CSRF" in answer.text  # Django read it and misses its token


def test_strangers_large_forms_are_bounded_and_a_full_comment_goes_on(stack, address):
    """Limits: four requests for each client, a hundred in all, 51 MB on disk. No honest comment is so large."""
    comments = f"{address}comments/"
    with contextlib.ExitStack() as kept:
        for number in range(100):
            sender = f"127.0.21.{number // 4 + 1}"
            kept.enter_context(begun(stack, comments, length=500_000, sent=400_000, sender=sender))
        wait_until(lambda: stored_bytes(stack) > 35_000_000)
        assert stored_bytes(stack) <= 100 * 512 * 1024
        with begun(stack, comments, length=500_000, sent=0, sender="127.0.21.90") as one_more:
            assert status_of(one_more) == 429
        answer = send(stack.url, comments, comment="字" * 5_000, name="Ada", sender="127.0.21.91")
        assert answer.status == 303
        answer = send(stack.url, LOGIN, username="editor", password="wrong", sender="127.0.21.92")
        assert answer.status == 403  # Django's, without its token


def test_of_one_client_four_large_forms_are_taken(stack, address):
    with contextlib.ExitStack() as kept:
        for _number in range(4):
            form = begun(stack, f"{address}comments/", length=500_000, sent=10, sender="127.0.22.1")
            assert is_unanswered(kept.enter_context(form))
        with begun(stack, f"{address}comments/", length=500_000, sent=0, sender="127.0.22.1") as fifth:
            assert status_of(fifth) == 429
        with begun(stack, f"{address}comments/", length=500_000, sent=10, sender="127.0.22.2") as of_another:
            assert is_unanswered(of_another)


def test_of_one_client_twenty_forms_are_taken_that_are_written_to_disk(stack, address):
    with contextlib.ExitStack() as kept:
        for _number in range(20):
            kept.enter_context(begun(stack, f"{address}comments/", length=50_000, sent=10, sender="127.0.25.1"))
        with begun(stack, f"{address}comments/", length=50_000, sent=0, sender="127.0.25.1") as one_more:
            assert status_of(one_more) == 429
        time.sleep(1)  # five forms a second
        with begun(stack, f"{address}comments/", length=9_000, sent=10, sender="127.0.25.1") as a_short_one:
            assert is_unanswered(a_short_one)


def test_images_that_never_end_are_ten_at_most_and_close_nothing_else(stack, session):
    """Upper limit: 320 MB on disk, all of it from staff who are logged in."""
    with contextlib.ExitStack() as kept:
        for number in range(10):
            image = begun(stack, IMAGES, length=MEGABYTE, sent=10_000, cookie=session, sender=f"127.0.23.{number + 1}")
            assert is_unanswered(kept.enter_context(image))
        with begun(stack, IMAGES, length=MEGABYTE, sent=0, cookie=session, sender="127.0.23.90") as eleventh:
            assert status_of(eleventh) == 429
        body = urlencode({"body": "ж" * 20_000})
        answer = ask(stack.url, ARTICLES, method="POST", body=body, headers={**FORM, "Cookie": session})
        assert "CSRF" in answer.text


def test_strangers_take_no_place_from_those_who_are_logged_in(stack, session):
    """Anonymous requests are refused before connections are counted."""
    with contextlib.ExitStack() as kept:
        for number in range(40):
            sender = f"127.0.24.{number + 1}"
            kept.enter_context(begun(stack, IMAGES, length=MEGABYTE, sent=10, sender=sender))
        with begun(stack, IMAGES, length=MEGABYTE, sent=10, cookie=session, sender="127.0.24.90") as own:
            assert is_unanswered(own)
