from django.http import HttpResponse
from django.test import RequestFactory
import pytest

from comments.identity import DEVICE_COOKIE, create_device_id, get_reader, hash_network, set_device_cookie


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("192.0.2.1", "192.0.2.254"),
        ("192.0.2.1", "::ffff:192.0.2.1"),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9"),
        ("", "nonsense"),
    ],
)
def test_the_same_network(one, other):
    assert hash_network(one) == hash_network(other)


@pytest.mark.parametrize(("one", "other"), [("192.0.2.1", "192.0.3.1"), ("2001:db8:1::1", "2001:db8:2::1")])
def test_another_network(one, other):
    assert hash_network(one) != hash_network(other)


def test_the_hash_depends_on_the_key(settings):
    before = hash_network("192.0.2.1")
    settings.SECRET_KEY = "another"
    assert hash_network("192.0.2.1") != before
    assert "192" not in before


def test_a_remembered_device_is_known_again():
    response, device = HttpResponse(), create_device_id()
    set_device_cookie(response, device)
    request = RequestFactory().get("/")
    request.COOKIES[DEVICE_COOKIE] = response.cookies[DEVICE_COOKIE].value
    assert get_reader(request).device == device
    assert response.cookies[DEVICE_COOKIE]["httponly"]
    assert response.cookies[DEVICE_COOKIE]["samesite"] == "Lax"


@pytest.mark.parametrize("forged", ["", "abc", "abc:def", "a" * 5000, "\x00:é"])
def test_a_forged_cookie_is_no_device(forged):
    request = RequestFactory().get("/")
    request.COOKIES[DEVICE_COOKIE] = forged
    assert get_reader(request).device is None
