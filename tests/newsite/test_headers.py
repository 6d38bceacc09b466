"""HTTP headers of all responses."""

from django.test import Client
import pytest

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize("address", ["/", "/nothing/here/", "/admin/login/", "/healthz", "/?x=%00", "/robots.txt"])
def test_headers_are_on_every_answer(db, address):
    response = Client().get(address)
    for name, value in ALWAYS.items():
        assert response[name] == value
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "camera=()" in response["Permissions-Policy"]
    assert "Strict-Transport-Security" not in response


def test_an_https_site_is_not_asked_by_http_again(db, settings):
    settings.SECURE_SSL_REDIRECT, settings.SECURE_HSTS_SECONDS = True, 31536000
    settings.ALLOWED_HOSTS = ["news.example"]
    settings.TRUSTED_PROXIES = ["unix"]
    ours = {"HTTP_HOST": "news.example", "REMOTE_ADDR": "", "HTTP_X_FORWARDED_FOR": "1.2.3.4"}
    redirected = Client().get("/", **ours, HTTP_X_FORWARDED_PROTO="http")
    assert redirected.status_code == 301
    assert redirected["Location"] == "https://news.example/"
    shown = Client().get("/", **ours, HTTP_X_FORWARDED_PROTO="https")
    assert shown.status_code == 200
    assert shown["Strict-Transport-Security"] == "max-age=31536000"


def test_whoever_is_not_our_proxy_cannot_say_that_it_is_https(db, settings):
    settings.SECURE_SSL_REDIRECT, settings.ALLOWED_HOSTS = True, ["news.example"]
    settings.TRUSTED_PROXIES = []
    response = Client().get("/", HTTP_HOST="news.example", HTTP_X_FORWARDED_PROTO="https")
    assert response.status_code == 301
