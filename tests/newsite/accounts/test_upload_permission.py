"""Large bodies: which users may send them; bodies of anonymous clients are not read."""

import io
import re

from django.conf import settings
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice
import pytest

from tests.support.template_databases import REPOSITORY

IMAGES = "/admin/articles/image/add/"
QUESTIONS = ["/admin/may-send/", "/admin/may-send/image/"]


class Unread(io.BytesIO):
    """A body that fails the test when it is read."""

    def read(self, *_given):
        raise AssertionError("the body was read")


def ask_with(user, path):
    client = Client()
    if user:
        client.force_login(user)
    return client.get(path)


@pytest.mark.django_db
@pytest.mark.parametrize("path", QUESTIONS)
def test_a_stranger_may_not_send(path):
    assert ask_with(None, path).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("group", "statuses"), [("reporter", [204, 204]), ("editor", [204, 204]), ("moderator", [204, 403])]
)
def test_staff_may_and_an_image_takes_its_permission(request, group, statuses):
    user = request.getfixturevalue(group)
    answers = [ask_with(user, path) for path in QUESTIONS]
    assert [answer.status_code for answer in answers] == statuses
    assert all("no-store" in answer["Cache-Control"] for answer in answers)
    assert not any(answer.cookies for answer in answers)


@pytest.mark.parametrize("path", QUESTIONS)
def test_who_has_no_staff_account_or_owes_the_second_factor_may_not(editor, path):
    TOTPDevice.objects.create(user=editor, name="app", confirmed=True)
    assert ask_with(editor, path).status_code == 401
    TOTPDevice.objects.all().delete()
    editor.is_staff = False
    editor.save()
    assert ask_with(editor, path).status_code == 401


def test_it_is_only_a_question(editor):
    client = Client()
    client.force_login(editor)
    assert client.post("/admin/may-send/").status_code == 405


@pytest.mark.django_db
@pytest.mark.parametrize("path", [IMAGES, "/admin/login/", "/admin/articles/article/add/", "/admin/nothing/"])
def test_a_strangers_large_body_is_not_read_even_for_its_csrf_token(path):
    sent = {"wsgi.input": Unread(), "CONTENT_LENGTH": "10000", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    response = Client(enforce_csrf_checks=True).post(path, **sent)
    assert response.status_code == 403
    assert "Please log in again." in response.text


@pytest.mark.django_db
def test_a_login_is_read():
    fields = {"username": "Ж" * 150, "password": "ж" * 128, "next": "/admin/" + "a" * 1_000}
    response = Client().post("/admin/login/", fields)
    assert response.status_code == 200
    assert "errornote" in response.text


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (IMAGES, "IMAGE_REQUEST_MAX_BYTES"),
        ("/admin/articles/image/7/change/", "IMAGE_REQUEST_MAX_BYTES"),
        ("/admin/articles/image/7/delete/", "ADMIN_REQUEST_MAX_BYTES"),
        ("/admin/articles/article/add/", "ADMIN_REQUEST_MAX_BYTES"),
        ("/search/", "PUBLIC_REQUEST_MAX_BYTES"),
    ],
)
def test_each_address_takes_so_much_and_no_more(editor, path, most):
    client = Client()
    client.force_login(editor)
    for more, is_refused in ((0, False), (1, True)):
        length = str(getattr(settings, most) + more)
        answer = client.post(path, b"", content_type="text/plain", CONTENT_LENGTH=length)
        assert (answer.status_code == 413) == is_refused
    assert ("Choose a smaller file." in answer.text) == (most == "IMAGE_REQUEST_MAX_BYTES")


def test_nginx_and_django_agree_on_what_is_large_and_where():
    text = (REPOSITORY / "deploy/nginx.conf").read_text()
    digits = re.search(r'"~\^\[0-9\]\{1,([0-9])\}\$"', text)[1]
    assert 10 ** int(digits) - 1 == settings.UNCHECKED_REQUEST_MAX_BYTES
    images = re.findall(r"location ~ \^(/admin/\S+)\$ \{\s+client_max_body_size (\d+)m;", text)
    assert images == [(settings.IMAGE_FORM_PATHS, str(settings.IMAGE_REQUEST_MAX_BYTES // 1024**2))]
    others = re.search(r"location /admin/ \{\s+client_max_body_size (\d+)m;", text)[1]
    assert int(others) == settings.ADMIN_REQUEST_MAX_BYTES // 1024**2
    assert settings.IMAGE_REQUEST_MAX_BYTES > settings.IMAGE_MAX_BYTES
