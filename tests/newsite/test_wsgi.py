from io import BytesIO

from django.test import RequestFactory
import pytest

from newsite.wsgi import application

pytestmark = pytest.mark.django_db


def answer(method, content_type):
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD=method, PATH_INFO="/healthz", QUERY_STRING="a=1", CONTENT_TYPE=content_type
    )
    environ["wsgi.input"] = BytesIO(b"")
    statuses = []
    application(environ, lambda status, headers: statuses.append(status))
    return statuses[0]


@pytest.mark.parametrize("charset", ["hex", "rot13", "zlib", "punycode", "idna", "utf-16", "nonsense", "x\x00y", '"'])
@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_a_charset_that_is_none_is_a_clear_answer(charset, kind):
    for method in ("GET", "POST"):
        assert answer(method, f"{kind}; charset={charset}") == "400 Bad Request"


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain; charset=utf-8; charset=hex",
        "text/plain (; charset=utf-8); charset=hex",
        "text/plain; charset*=bogus'x'%ff",
        "text/plain; charset*=hex''x",
    ],
)
def test_no_way_round_by_saying_it_twice(content_type):
    assert answer("GET", content_type) == "400 Bad Request"


@pytest.mark.parametrize("content_type", ["", "text/plain", "text/plain; charset=UTF-8", 'x; charset="utf-8"', ";;="])
def test_other_requests_come_through(content_type):
    assert answer("GET", content_type) == "200 OK"
