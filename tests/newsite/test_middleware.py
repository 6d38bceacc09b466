from ipaddress import ip_network

from django.http import HttpResponse
from django.test import Client, RequestFactory
import pytest

from comments.identity import hash_network
from comments.models import Comment
from newsite.http.middleware import trusted_proxy_middleware
from tests.conftest import send


def seen(settings, *, peer, forwarded="", proto="", trusted=()):
    settings.TRUSTED_PROXIES = [name if name == "unix" else ip_network(name) for name in trusted]
    headers = {"REMOTE_ADDR": peer}
    if forwarded:
        headers["HTTP_X_FORWARDED_FOR"] = forwarded
    if proto:
        headers["HTTP_X_FORWARDED_PROTO"] = proto
    request = RequestFactory().get("/", **headers)
    trusted_proxy_middleware(lambda request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "client"),
    [
        ("203.0.113.9", "1.2.3.4", [], "203.0.113.9"),
        ("203.0.113.9", "1.2.3.4", ["127.0.0.1"], "203.0.113.9"),
        ("127.0.0.1", "1.2.3.4", ["127.0.0.1"], "1.2.3.4"),
        ("127.0.0.1", "6.6.6.6, 1.2.3.4", ["127.0.0.1"], "1.2.3.4"),
        ("127.0.0.1", "1.2.3.4, 10.0.0.7", ["127.0.0.1", "10.0.0.0/8"], "1.2.3.4"),
        ("", "1.2.3.4", ["unix"], "1.2.3.4"),
        ("", "1.2.3.4", ["127.0.0.1"], ""),
        ("127.0.0.1", "", ["127.0.0.1"], "127.0.0.1"),
        ("::1", "2001:db8::1", ["::1"], "2001:db8::1"),
        ("127.0.0.1", "nonsense", ["127.0.0.1"], "nonsense"),
    ],
)
def test_a_forwarded_address_is_believed_from_a_trusted_proxy_alone(settings, peer, forwarded, trusted, client):
    assert seen(settings, peer=peer, forwarded=forwarded, trusted=trusted).META["REMOTE_ADDR"] == client


def test_the_scheme_too(settings):
    assert seen(settings, peer="127.0.0.1", forwarded="1.2.3.4", proto="https", trusted=["127.0.0.1"]).is_secure()
    assert not seen(settings, peer="203.0.113.9", forwarded="1.2.3.4", proto="https").is_secure()


def test_a_forged_forwarded_address_changes_no_network(article):
    send(Client(), article, headers={"Sec-Fetch-Site": "none", "X-Forwarded-For": "1.2.3.4"})
    assert Comment.objects.get().network == hash_network("127.0.0.1")


@pytest.mark.parametrize("length", ["1048577", "99999999999999999999", "9" * 5_000, "-1", "abc"])
def test_a_length_that_no_reader_sends_is_refused(article, length):
    url = f"{article.get_absolute_url()}comments/"
    response = Client().post(url, b"", content_type="text/plain", CONTENT_LENGTH=length)
    assert response.status_code in {400, 413}


def test_the_admin_has_a_nonce_and_the_public_pages_do_not(article, editor):
    client = Client()
    client.force_login(editor)
    page = client.get("/admin/articles/article/add/")
    nonce = page["Content-Security-Policy"].partition("'nonce-")[2].partition("'")[0]
    assert nonce
    assert f'<script type="importmap" nonce="{nonce}">' in page.text.replace(
        f'nonce="{nonce}" type="importmap"', f'type="importmap" nonce="{nonce}"'
    )
    assert "nonce" not in Client().get("/")["Content-Security-Policy"]


def test_a_body_of_unknown_length_is_refused_and_not_taken_for_an_empty_one(article):
    url = f"{article.get_absolute_url()}comments/"
    response = Client().post(url, "comment=x&name=y", content_type="text/plain", HTTP_TRANSFER_ENCODING="chunked")
    assert response.status_code == 411
