from django.http import HttpResponse
from django.test import RequestFactory
import pytest

from comments.identity import COOKIE, network_of, new_device, reader_of, remember


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
    assert network_of(one) == network_of(other)


@pytest.mark.parametrize(("one", "other"), [("192.0.2.1", "192.0.3.1"), ("2001:db8:1::1", "2001:db8:2::1")])
def test_another_network(one, other):
    assert network_of(one) != network_of(other)


def test_the_hash_depends_on_the_key(settings):
    before = network_of("192.0.2.1")
    settings.SECRET_KEY = "another"
    assert network_of("192.0.2.1") != before
    assert "192" not in before


def test_a_remembered_device_is_known_again():
    response, device = HttpResponse(), new_device()
    remember(response, device)
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = response.cookies[COOKIE].value
    assert reader_of(request).device == device
    assert response.cookies[COOKIE]["httponly"]
    assert response.cookies[COOKIE]["samesite"] == "Lax"


@pytest.mark.parametrize("forged", ["", "abc", "abc:def", "a" * 5000, "\x00:é"])
def test_a_forged_cookie_is_no_device(forged):
    request = RequestFactory().get("/")
    request.COOKIES[COOKIE] = forged
    assert reader_of(request).device is None
