"""Compressed pages in the encoding that a client accepts, made once for each version."""

import gzip

import brotli
from django.test import Client
from django.utils import timezone
import pytest
import time_machine

from newsite.http import page_cache
from newsite.http.compression import preferred_encoding


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP;q=0.5", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br; q=0.000,gzip;q=0", ""),
        ("identity", ""),
        ("*", ""),
        (",;,;;q=,\u00e4", ""),
        ("abrgzip", ""),
    ],
)
def test_the_best_of_what_is_taken_is_chosen(header, encoding):
    assert preferred_encoding(header) == encoding


def get(address, encoding):
    return Client().get(address, headers={"Accept-Encoding": encoding})


@pytest.mark.parametrize("query", ["", "?sort=oldest", "?reply=0"])
def test_each_form_is_the_same_page(article, query):
    address = article.get_absolute_url() + query  # one of these is rendered for each request, with the time in its form
    with time_machine.travel(timezone.now(), tick=False):
        plain, packed = Client().get(address), {encoding: get(address, encoding) for encoding in ("br", "gzip")}
    assert "Content-Encoding" not in plain
    for encoding, decompress in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        page = packed[encoding]
        assert page["Content-Encoding"] == encoding
        assert page["Vary"] == plain["Vary"] == "Accept-Encoding"
        assert page["ETag"] == plain["ETag"]
        assert int(page["Content-Length"]) == len(page.content) < len(plain.content)
        assert decompress(page.content).decode() == plain.text


def test_a_page_that_is_kept_is_compressed_once_and_made_once(article, monkeypatch):
    packed = []
    compress = page_cache.compress
    monkeypatch.setattr(page_cache, "compress", lambda *body: packed.append(body[1]) or compress(*body))
    address = article.get_absolute_url()
    pages = {get(address, encoding).content for encoding in ("br", "br", "gzip", "br", "gzip")}
    assert packed == ["br", "gzip"]
    assert len(pages) == 2


def test_who_has_the_page_is_sent_nothing_in_whatever_form(article):
    page = get(article.get_absolute_url(), "br")
    headers = {"Accept-Encoding": "gzip", "If-None-Match": page["ETag"]}
    again = Client().get(article.get_absolute_url(), headers=headers)
    assert (again.status_code, again.content, again["Vary"]) == (304, b"", "Accept-Encoding")
