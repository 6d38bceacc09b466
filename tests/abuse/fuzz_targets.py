"""Fuzz targets without a database: every function that processes untrusted text, called with one text.

A target calls the code as the site does, with the limits that the site applies first.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
from datetime import datetime
from functools import cache
from html import escape
import itertools
import json
import logging
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse, QueryDict
from django.test import RequestFactory

from articles import text as article_text
from articles.content import embeds
from articles.content.rendering import render_body
from articles.content.sanitizer import clean_body, embed_reference, image_reference, plain_text
from articles.cursor import PageCursor
from articles.history.diff import text_diff_html
from articles.models import Article, Tag
from articles.params import parse_id
from articles.search import excerpts, query, tokenizer
from comments import forms, identity
from comments.classifier import features
from comments.classifier.explain import TokenizedText
from comments.classifier.weights import ModelParameters
from comments.filters import word_list
from comments.filters.blocks import block_keys
from comments.identity import Reader
from comments.imports.records import compute_key, device_of_email
from comments.models.notification import address_key, domain_key, is_genuine_token, mask_address
from comments.models.word_list import MAX_ENTRY_LENGTH
from comments.moderation import redaction
from comments.notifications import deliver
from comments.notifications import excerpts as comment_excerpts
from comments.notifications.forms import SubscriptionForm
from comments.queue import detail
from comments.queue.text_search import contains_all_words, indexable_words
from comments.stats.csv_export import neutralize_formula
from comments.submission import proof_of_work
from comments.submission.collect_facts import hash_text
from comments.text import clean, confusables, hosts, impersonation, links, mailboxes
from comments.text.fingerprints import TextFingerprint
from comments.text.matcher import Matcher, MatcherEntry
from comments.text.patterns import EntryKind, InvalidEntry, normalize_entry
from comments.threads import pages
from comments.views import decorators
from newsite.accounts import login_limits
from newsite.http import compression, middleware, stale_requests
from newsite.importers import html_to_text, redirects, redirects_file
from newsite.importers.disqus import threads as disqus_threads
from newsite.importers.disqus.parser import DisqusThread
from newsite.importers.report import Report
from newsite.importers.wordpress import (
    comments,
    linked_images,
    media_html,
    media_library,
    newsite_meta,
    parser,
    shortcodes,
    terms,
)
from newsite.importers.wordpress import html as wordpress_html
from newsite.importers.wordpress.first_pass import ExportIndex
from newsite.importers.wordpress.media_library import MediaLibrary
from newsite.importers.wordpress.records import WordPressSite
from newsite.observability import logging as logs
from newsite.observability import middleware as requests
from newsite.observability import sentry
from newsite.pages import sitemaps, structured_data
from newsite.pages.site_context import SiteContext

Run = Callable[[str], object]

WORD_LIST_ENTRIES = [
    MatcherEntry(1, EntryKind.WORD, "viagra"),
    MatcherEntry(2, EntryKind.WORD, "cialis"),
    MatcherEntry(3, EntryKind.WORD, "a1"),
    MatcherEntry(4, EntryKind.WORD, "汉"),
    MatcherEntry(5, EntryKind.PHRASE, "word and word"),
    MatcherEntry(6, EntryKind.PHRASE, "a b"),
    MatcherEntry(7, EntryKind.WILDCARD, "aaa*"),
    MatcherEntry(8, EntryKind.WILDCARD, "v*gra"),
    MatcherEntry(9, EntryKind.DOMAIN, "a.example"),
]
STORED_FIELDS: list[Any] = [Tag._meta.get_field("name"), Article._meta.get_field("standfirst")]
MARKED_WORDS = ["a", "word", "汉", "a b", "http://a.", "aaaa", "v1@gra!|$"]  # highlights for moderators
get_request = RequestFactory(SERVER_NAME="localhost").get


@cache
def word_list_matcher() -> Matcher:
    return Matcher(WORD_LIST_ENTRIES)


@cache
def reserved_names() -> impersonation.ReservedNames:
    return impersonation.ReservedNames(people=["Ada Lovelace"], sites=["The Courier"], listed=["Editors"])


def _edit_form(text: str) -> object:
    form = forms.EditForm({"comment": text})
    return form.errors, form["comment"].value()


def _report_form(text: str) -> object:
    form = forms.ReportForm({"complaint": text, "note": text})
    return form.errors, form["note"].value()


def _subscription_form(text: str) -> object:
    form = SubscriptionForm({"address": text, "replies": text})
    form.is_valid()
    form.prepare_redisplay()
    return form.errors


def _redaction(text: str) -> object:
    """Redact the middle third, then every second word."""
    third = len(text) // 3
    with contextlib.suppress(redaction.InvalidRedaction):
        redaction.redacted_text(text, text[:third] + redaction.GAP_MARK + text[2 * third :])
    with contextlib.suppress(redaction.InvalidRedaction):
        return redaction.redacted_text(text, redaction.GAP_MARK.join(text.split()[::2]))
    return None


def _word_list_entry(text: str) -> None:
    """Normalize an entry of each kind, as an editor types it."""
    for kind in EntryKind:
        with contextlib.suppress(InvalidEntry):
            normalize_entry(kind, text[:MAX_ENTRY_LENGTH])


def _cursors(text: str) -> None:
    for kind in (datetime, int, float):
        with contextlib.suppress(ValueError):
            PageCursor.parse(text, kind)
    for sort in pages.Sort:
        with contextlib.suppress(ValueError):
            pages.parse_cursor(text, sort)
    with contextlib.suppress(ValueError):
        pages.Sort(text)
    str(PageCursor(parse_id(text) or 1.0, 1))


def _fingerprint(text: str) -> object:
    fingerprint = TextFingerprint.of(text)
    return fingerprint.keys, fingerprint.repeats(TextFingerprint.of(text[1:]))


def _commenter_name(text: str) -> object:
    """Check a name of the length that the form allows."""
    name = clean.clean_name(text)[: forms.MAX_NAME_LENGTH]
    beside_staff = f"Ada Lovelace {name}"[: forms.MAX_NAME_LENGTH]
    return (
        confusables.confusable_key(name),
        confusables.confusable_keys(name),
        reserved_names().classify(name),
        reserved_names().classify(beside_staff),
    )


def _proof_of_work(text: str) -> object:
    purpose = proof_of_work.compute_purpose(1, None, text, text)
    proof_of_work.issue_wait_ticket(purpose, text)
    return proof_of_work.check_proof(text, text, purpose)


def _derived_device(text: str) -> object:
    return identity.is_device_derived_from(identity.create_device_id(text), text)


def _mailbox(text: str) -> object:
    address = f"{text}@{text}"
    return (
        mailboxes.normalize_mailbox(address),
        mailboxes.owned_domain(address),
        address_key(address),
        domain_key(address),
    )


def _link_hosts(text: str) -> list[str]:
    extracted = links.extract_links(text)
    return [host for link in extracted for host in hosts.parent_domains(link.host)]


def _host(text: str) -> object:
    hosts.host_of(text)
    host = hosts.host_of(f"http://{text}")
    hosts.registered_domain(text)
    hosts.host_of(f"http://[{text}]/")
    hosts.host_of("http://[2001:db8::7]/")
    hosts.host_of(f"http://a!b.{text}/")
    return word_list_matcher().find_domains(host), list(hosts.parent_domains(hosts.normalize_host(text)))


def _request_headers(text: str) -> None:
    """Read the headers that middleware and views read."""
    raw = text.encode("utf-8", "surrogatepass").decode("latin-1")
    names_of_headers = ["X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_REQUEST_ID", "ORIGIN", "REFERER", "USER_AGENT"]
    names_of_headers += ["X_REQUEST_START", "ACCEPT_ENCODING", "SEC_FETCH_SITE_", "IF_NONE_MATCH", "TRANSFER_ENCODING"]
    request = get_request("/")
    request.META |= {f"HTTP_{name}": raw for name in names_of_headers}
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "QUERY_STRING": raw, "CONTENT_LENGTH": raw}
    request.COOKIES[identity.DEVICE_COOKIE] = raw
    middleware.request_limits_middleware(lambda request: HttpResponse())(request)
    decorators.is_same_site(request)
    requests._id_of(request)
    stale_requests.is_abandoned(request)
    stale_requests.seconds_waited(request)
    compression.preferred_encoding(raw)
    login_limits.username_hash(request, {"username": text})
    middleware.trusted_proxy_middleware(lambda request: HttpResponse())(request)
    identity.get_reader(request)
    identity.device_created_at(text)


def _log(text: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", (text, f"/{text}"), None)
    record.request = SimpleNamespace(path=f"/{text}")
    try:
        raise ValueError(text)
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    for formatter in (logs.Formatter(), logs.JsonFormatter()):
        formatter.format(record)
    logs.RedactValuesFilter().filter(record)


def _sentry(text: str) -> object:
    event = {"request": {"url": f"http://testserver/{text}"}, "transaction": f"/{text}", "logentry": {"message": ""}}
    return sentry.scrub_event({**event, "exception": {"values": [{"value": text}]}}, None)


def _mail_log(text: str) -> str:
    return deliver._redact_addresses(text, "ada@example.org")


def _article_body(html: str) -> None:
    """Clean, render and export an article's body."""
    body = clean_body(html)
    plain_text(body)
    if "data-image" not in body:  # an image is queried
        render_body(body)
    out = newsite_meta.body_for_export(body, lambda pk: ("/a.jpg", "A"))
    newsite_meta.body_from_export(out, lambda address, alternative, caption: caption)


def _exported_body(html: str) -> str:
    """Import the body of a file that claims to be an export of this software."""
    return newsite_meta.body_from_export(html, lambda address, alternative, caption: caption)


def _wordpress_media(text: str) -> None:
    media_html.file_name(text)
    link = wordpress_html.parse(f'<a href="http://a.example/{text[:2000]}"><img src="/a.jpg">a</a>').first("a")
    if link:
        linked_images.leads_to_image(link, media_html.NoMedia())
        linked_images.has_text_outside_media(link)


def _wordpress_fields(text: str) -> None:
    """Parse the short fields of a WordPress export."""
    parser.parse_local_datetime(text)
    parser._parse_feed_date(text)
    parser._parse_id(text)
    meta = {key: [text] for key in (newsite_meta.AT, newsite_meta.CORRECTION, newsite_meta.ORDER, newsite_meta.FORMAT)}
    newsite_meta.corrections(meta)
    newsite_meta.parse_datetime(meta, newsite_meta.AT)
    newsite_meta.parse_number(meta, newsite_meta.ORDER)
    comments.commenter_name(html_to_text.html_to_line(text))
    redirects.url_host(text)
    list(redirects.old_paths(redirects.url_path(f"/{text}")))


def _imported_addresses(text: str) -> None:
    """Resolve addresses of an export: images, links, a Disqus thread."""
    old = f"https://old.example/{text}"
    library = MediaLibrary(
        "old", ExportIndex(site=WordPressSite(address="https://old.example")), None, Report(str), is_dry=True
    )
    library.by_address(old)
    library.for_post(1).address(old)
    library.for_post(1).by_address(old)
    library.restore_images(f'<figure><img src="{escape(old)}" alt="{escape(text)}"></figure>')
    disqus_threads._thread_paths(DisqusThread("1", identifier=f"12 {old}?p=1", link=f"{old}?p=2"))
    media_library._decoded_path(old)
    terms.nicename(text)
    with contextlib.suppress(redirects_file.InvalidLine):
        redirects_file._parse_line(
            json.dumps({"from": f"/{text}", "to": text}).encode("utf-8", "surrogatepass"), "a file"
        )


def _structured_data(text: str) -> str:
    site = SiteContext(version=1, name=text, tagline="", house_rules_url="", privacy_url="", masthead="", footer="")
    return structured_data.render_json_ld({"headline": text}, site, comments=1)


def _search(text: str) -> object:
    terms = query.parse_terms(text[: query.MAX_QUERY_LENGTH])
    hits = {word for term in terms for word in term.words}
    return excerpts.highlight(text, hits), excerpts.excerpt(text, hits)


def _scoring_features(text: str) -> object:
    """Extract the features of a text, and the phrases that moved its score."""
    return features.text_buckets(text), TokenizedText(text).evidence(_weights())


@cache
def _weights() -> ModelParameters:
    return ModelParameters.of(itertools.islice(itertools.cycle([0.5, -0.4, 0.3]), features.BUCKET_COUNT), 0.0)


def _comment_with_markup(text: str) -> None:
    """Convert an imported comment with markup."""
    link = f'<a href="https://disq.us/url?url=https%3A%2F%2Fa.example%2F{quote(text)}%3A1">{escape(text[:60])}</a>'
    image = f'<img src="https://a.example/{escape(text[:2000])}" alt="{escape(text)}">'
    html = f"<p>{escape(text)}{link}</p>{image}<blockquote>{escape(text)}</blockquote><pre>{escape(text)}</pre>"
    html_to_text.html_to_text(html, keep_lines=True)


def _article_with_markup(text: str) -> None:
    """Convert an imported article with all supported markup."""
    escaped, address = escape(text), f"https://a.example/{escape(text[:2000])}"
    quarter = escape(text[: len(text) // 4])
    media_tags = f'<a href="{address}"><img src="{address}" alt="{quarter}"></a><iframe src="{address}"></iframe>'
    blocks = f"<h2>{quarter}</h2><ul><li>{escaped}</li></ul><pre>{quarter}</pre><blockquote>{quarter}</blockquote>"
    table = f"<table><caption>{quarter}</caption><tr><td colspan={quarter!r}>{quarter}</td></tr></table>"
    shortcode_html = (
        f'[gallery ids="{quarter}"][caption]{media_tags} {quarter}[/caption][youtube {quarter}][video src="{quarter}"]'
    )
    blocks_with_comments = (
        f"<!-- wp:paragraph {{{quarter}}} --><p>{quarter}</p><!-- /wp:paragraph --><!-- wp:embed {{{quarter}}} /-->"
    )
    wordpress_html.convert_html(
        f"<em>{blocks_with_comments}</em>{media_tags}{blocks}{table}{shortcode_html}{blocks_with_comments}"
    )


def _figures(text: str) -> None:
    """Render and export a stored body with figures."""
    escaped = escape(text)
    figure = f'<figure data-embed="https://vimeo.com/12345"><figcaption>{escaped}</figcaption></figure>'
    unknown_embed = f'<figure data-embed="https://a.example/{escaped}"></figure>'
    body = clean_body(f"{figure}<p>{escaped} &#160; &eacute;</p>{unknown_embed}")
    render_body(body)
    out = newsite_meta.body_for_export(f'{body}<figure data-image="1"></figure>', lambda pk: (text, text))
    newsite_meta.body_from_export(out, lambda address, alternative, caption: image_reference(1, caption))


TARGETS: dict[str, Run] = {
    "a comment as it is stored": clean.clean_text,
    "a name as it is stored": clean.clean_name,
    "text without control characters": lambda text: (
        clean.remove_controls(text),
        article_text.strip_control_chars(text),
    ),
    "a text as the admin stores it": lambda text: [article_text.as_stored(field, text) for field in STORED_FIELDS],
    "the form of an edit": _edit_form,
    "the form of a report": _report_form,
    "the form of a subscription": _subscription_form,
    "a hidden field": lambda text: (parse_id(text), is_genuine_token(text), mask_address(text), address_key(text)),
    "a query string": lambda text: QueryDict(f"q={text.replace('&', '')}").get("q", ""),
    "a cursor": _cursors,
    "the HTML of a comment": links.text_as_html,
    "the HTML of a comment, folded": lambda text: links.comment_as_html(text + "\n\nAnd so on." * 30),
    "the links of a comment": _link_hosts,
    "a host": _host,
    "confusable names": _commenter_name,
    "a proof of work": _proof_of_work,
    "a derived device id": _derived_device,
    "a mailbox": _mailbox,
    "the hash of a text": hash_text,
    "the fingerprint of a text": _fingerprint,
    "the word list": lambda text: word_list.find_matches(
        word_list_matcher(), text, text[:60], links.extract_links(text)
    ),
    "an entry of the word list": _word_list_entry,
    "the scoring": _scoring_features,
    "the keys of a block": lambda text: block_keys(Reader(None, ""), text[:60], links.extract_links(text)),
    "a redaction": _redaction,
    "a comment with highlighted findings": lambda text: detail.highlight(text, MARKED_WORDS, hints=["b", "&"]),
    "a search in the queue": lambda text: (contains_all_words(text[:200]), indexable_words(text[:200])),
    "a comment in an email": lambda text: (comment_excerpts.make_excerpt(text), comment_excerpts.excerpt_name(text)),
    "a mail server's answer": _mail_log,
    "the headers of a request": _request_headers,
    "a client address": lambda text: (identity.hash_network(text), identity.is_ip_address(text)),
    "a path in the log": lambda text: logs.redact_path(f"/{text}"),
    "an error in the log": _log,
    "an error event for Sentry": _sentry,
    "an article's body": _article_body,
    "an exported article's body": _exported_body,
    "an address to embed": lambda text: (embeds.parse_embed(f"https://{text}"), embed_reference(f"https://{text}")),
    "two versions of a text": lambda text: text_diff_html(text, text[: len(text) // 2] + "b" + text[-100:]),
    "words for the search index": lambda text: list(tokenizer.tokenize(text)),
    "a search query": lambda text: query.parse_terms(text[: query.MAX_QUERY_LENGTH]),
    "a text with highlighted hits": _search,
    "structured data": _structured_data,
    "an imported comment": lambda text: clean.clean_text(html_to_text.html_to_text(text, keep_lines=True)),
    "an imported comment without line breaks": lambda text: html_to_text.html_to_text(text, keep_lines=False),
    "an imported name": html_to_text.html_to_line,
    "an imported key": lambda text: (compute_key(text), device_of_email(text)),
    "an imported article": wordpress_html.convert_html,
    "an imported article's shortcodes": lambda text: shortcodes.replace_shortcodes(text, lambda what: None),
    "an imported article's media": _wordpress_media,
    "the fields of an import": _wordpress_fields,
    "the addresses of an import": _imported_addresses,
    "an imported comment with markup": _comment_with_markup,
    "an imported article with markup": _article_with_markup,
    "an article's body with figures": _figures,
    "a cell of a spreadsheet": neutralize_formula,
    "an entry of a sitemap": sitemaps._loc,
}
