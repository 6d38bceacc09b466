"""Every way in for strangers' text that needs no database, each as a function of one text.

A drive calls the code as the site does. Limits that the site applies first are part of the drive.
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

from articles import text as visible
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
from comments.notifications import excerpts as quoting
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
from newsite.importers.disqus import threads as threads_of_disqus
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
from newsite.importers.wordpress import html as content
from newsite.importers.wordpress.first_pass import ExportIndex
from newsite.importers.wordpress.media_library import MediaLibrary
from newsite.importers.wordpress.records import WordPressSite
from newsite.observability import logging as logs
from newsite.observability import middleware as requests
from newsite.observability import sentry
from newsite.pages import sitemaps, structured_data

Run = Callable[[str], object]

LISTED = [
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
STORED: list[Any] = [Tag._meta.get_field("name"), Article._meta.get_field("standfirst")]
WRITTEN = ["a", "word", "汉", "a b", "http://a.", "aaaa", "v1@gra!|$"]  # what a moderator sees marked
GET = RequestFactory(SERVER_NAME="localhost").get


@cache
def matcher() -> Matcher:
    return Matcher(LISTED)


@cache
def reserved() -> impersonation.ReservedNames:
    return impersonation.ReservedNames(people=["Ada Lovelace"], sites=["The Courier"], listed=["Editors"])


def _edit_form(typed: str) -> object:
    form = forms.EditForm({"comment": typed})
    return form.errors, form["comment"].value()


def _report_form(typed: str) -> object:
    form = forms.ReportForm({"complaint": typed, "note": typed})
    return form.errors, form["note"].value()


def _subscription_form(typed: str) -> object:
    form = SubscriptionForm({"address": typed, "replies": typed})
    form.is_valid()
    form.prepare_redisplay()
    return form.errors


def _redaction(typed: str) -> object:
    """A moderator takes out the middle, and every second word."""
    third = len(typed) // 3
    with contextlib.suppress(redaction.InvalidRedaction):
        redaction.redacted_text(typed, typed[:third] + redaction.GAP_MARK + typed[2 * third :])
    with contextlib.suppress(redaction.InvalidRedaction):
        return redaction.redacted_text(typed, redaction.GAP_MARK.join(typed.split()[::2]))
    return None


def _listed_entry(typed: str) -> None:
    """What an editor can type into the list."""
    for kind in EntryKind:
        with contextlib.suppress(InvalidEntry):
            normalize_entry(kind, typed[:MAX_ENTRY_LENGTH])


def _parsed(typed: str) -> None:
    for kind in (datetime, int, float):
        with contextlib.suppress(ValueError):
            PageCursor.parse(typed, kind)
    for sort in pages.Sort:
        with contextlib.suppress(ValueError):
            pages.parse_cursor(typed, sort)
    with contextlib.suppress(ValueError):
        pages.Sort(typed)
    str(PageCursor(parse_id(typed) or 1.0, 1))


def _likeness(typed: str) -> object:
    likeness = TextFingerprint.of(typed)
    return likeness.keys, likeness.repeats(TextFingerprint.of(typed[1:]))


def _name(typed: str) -> object:
    """A name as a form lets it through."""
    name = clean.clean_name(typed)[: forms.MAX_NAME_LENGTH]
    beside_staff = f"Ada Lovelace {name}"[: forms.MAX_NAME_LENGTH]
    return (
        confusables.confusable_key(name),
        confusables.confusable_keys(name),
        reserved().classify(name),
        reserved().classify(beside_staff),
    )


def _proof(typed: str) -> object:
    purpose = proof_of_work.compute_purpose(1, None, typed, typed)
    proof_of_work.issue_wait_ticket(purpose, typed)
    return proof_of_work.check_proof(typed, typed, purpose)


def _key_of_a_page(typed: str) -> object:
    return identity.is_device_derived_from(identity.create_device_id(typed), typed)


def _mailbox(typed: str) -> object:
    address = f"{typed}@{typed}"
    return (
        mailboxes.normalize_mailbox(address),
        mailboxes.owned_domain(address),
        address_key(address),
        domain_key(address),
    )


def _link_hosts(typed: str) -> list[str]:
    found = links.extract_links(typed)
    return [host for link in found for host in hosts.parent_domains(link.host)]


def _a_host(typed: str) -> object:
    hosts.host_of(typed)
    host = hosts.host_of(f"http://{typed}")
    hosts.registered_domain(typed)
    hosts.host_of(f"http://[{typed}]/")
    hosts.host_of("http://[2001:db8::7]/")
    hosts.host_of(f"http://a!b.{typed}/")
    return matcher().find_domains(host), list(hosts.parent_domains(hosts.normalize_host(typed)))


def _request_headers(typed: str) -> None:
    """All that is read of a request before a view sees it, and what the views read of headers."""
    raw = typed.encode("utf-8", "surrogatepass").decode("latin-1")
    names_of_headers = ["X_FORWARDED_FOR", "X_FORWARDED_PROTO", "X_REQUEST_ID", "ORIGIN", "REFERER", "USER_AGENT"]
    names_of_headers += ["X_REQUEST_START", "ACCEPT_ENCODING", "SEC_FETCH_SITE_", "IF_NONE_MATCH", "TRANSFER_ENCODING"]
    request = GET("/")
    request.META |= {f"HTTP_{name}": raw for name in names_of_headers}
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "QUERY_STRING": raw, "CONTENT_LENGTH": raw}
    request.COOKIES[identity.DEVICE_COOKIE] = raw
    middleware.request_limits_middleware(lambda request: HttpResponse())(request)
    decorators.is_same_site(request)
    requests._id_of(request)
    stale_requests.is_abandoned(request)
    stale_requests.seconds_waited(request)
    compression.preferred_encoding(raw)
    login_limits.username_hash(request, {"username": typed})
    middleware.trusted_proxy_middleware(identity.get_reader)(request)  # type: ignore[arg-type]
    identity.device_created_at(typed)


def _log(typed: str) -> None:
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "%s: %s", (typed, f"/{typed}"), None)
    record.request = SimpleNamespace(path=f"/{typed}")
    try:
        raise ValueError(typed)
    except ValueError as error:
        record.exc_info = (ValueError, error, error.__traceback__)
    for formatter in (logs.Formatter(), logs.JsonFormatter()):
        formatter.format(record)
    logs.RedactValuesFilter().filter(record)


def _sentry(typed: str) -> object:
    event = {"request": {"url": f"http://testserver/{typed}"}, "transaction": f"/{typed}", "logentry": {"message": ""}}
    return sentry.scrub_event({**event, "exception": {"values": [{"value": typed}]}}, None)


def _mail_log(typed: str) -> str:
    return deliver._redact_addresses(typed, "ada@example.org")


def _body(html: str) -> None:
    """An article's body on its way in, to the page, to the search and to the history."""
    body = clean_body(html)
    plain_text(body)
    if "data-picture" not in body:  # a picture is looked up
        render_body(body)
    out = newsite_meta.body_for_export(body, lambda pk: ("/a.jpg", "A"))
    newsite_meta.body_from_export(out, lambda address, alternative, caption: caption)


def _export(html: str) -> str:
    """Whatever stands in a file that says it is an export of ours."""
    return newsite_meta.body_from_export(html, lambda address, alternative, caption: caption)


def _wordpress_media(typed: str) -> None:
    media_html.file_name(typed)
    link = content.parse(f'<a href="http://a.example/{typed[:2000]}"><img src="/a.jpg">a</a>').first("a")
    if link:
        linked_images.leads_to_image(link, media_html.NoMedia())
        linked_images.has_text_outside_media(link)


def _wordpress_fields(typed: str) -> None:
    """Short fields of a WordPress export."""
    parser.parse_local_datetime(typed)
    parser._parse_feed_date(typed)
    parser._parse_id(typed)
    meta = {key: [typed] for key in (newsite_meta.AT, newsite_meta.CORRECTION, newsite_meta.ORDER, newsite_meta.FORMAT)}
    newsite_meta.corrections(meta)
    newsite_meta.parse_datetime(meta, newsite_meta.AT)
    newsite_meta.parse_number(meta, newsite_meta.ORDER)
    comments.commenter_name(html_to_text.html_to_line(typed))
    redirects.url_host(typed)
    list(redirects.old_paths(redirects.url_path(f"/{typed}")))


def _imported_addresses(typed: str) -> None:
    """Addresses in an export: of pictures, of links, of a Disqus thread."""
    old = f"https://old.example/{typed}"
    library = MediaLibrary(
        "old", ExportIndex(site=WordPressSite(address="https://old.example")), None, Report(str), is_dry=True
    )
    library.by_address(old)
    library.for_post(1).address(old)
    library.for_post(1).by_address(old)
    library.restore_images(f'<figure><img src="{escape(old)}" alt="{escape(typed)}"></figure>')
    threads_of_disqus._thread_paths(DisqusThread("1", identifier=f"12 {old}?p=1", link=f"{old}?p=2"))
    media_library._decoded_path(old)
    terms.nicename(typed)
    with contextlib.suppress(redirects_file.InvalidLine):
        redirects_file._parse_line(
            json.dumps({"from": f"/{typed}", "to": typed}).encode("utf-8", "surrogatepass"), "a file"
        )


def _linked_data(typed: str) -> str:
    frame = SimpleNamespace(name=typed)
    return structured_data.render_json_ld({"headline": typed}, frame, comments=1)  # type: ignore[arg-type]


def _search(typed: str) -> object:
    terms = query.parse_terms(typed[: query.MAX_QUERY_LENGTH])
    hits = {word for term in terms for word in term.words}
    return excerpts.highlight(typed, hits), excerpts.excerpt(typed, hits)


def _own_words(typed: str) -> object:
    """What is learnt of a text, and which phrases moved its score."""
    return features.text_buckets(typed), TokenizedText(typed).evidence(_weights())


@cache
def _weights() -> ModelParameters:
    return ModelParameters.of(itertools.islice(itertools.cycle([0.5, -0.4, 0.3]), features.BUCKET_COUNT), 0.0)


def _markup_of_a_comment(typed: str) -> None:
    """An imported comment that is HTML."""
    link = f'<a href="https://disq.us/url?url=https%3A%2F%2Fa.example%2F{quote(typed)}%3A1">{escape(typed[:60])}</a>'
    image = f'<img src="https://a.example/{escape(typed[:2000])}" alt="{escape(typed)}">'
    html = f"<p>{escape(typed)}{link}</p>{image}<blockquote>{escape(typed)}</blockquote><pre>{escape(typed)}</pre>"
    html_to_text.html_to_text(html, keep_lines=True)


def _markup_of_an_article(typed: str) -> None:
    """An imported article in which everything is used that an article can have."""
    words, address = escape(typed), f"https://a.example/{escape(typed[:2000])}"
    some = escape(typed[: len(typed) // 4])
    media_tags = f'<a href="{address}"><img src="{address}" alt="{some}"></a><iframe src="{address}"></iframe>'
    blocks = f"<h2>{some}</h2><ul><li>{words}</li></ul><pre>{some}</pre><blockquote>{some}</blockquote>"
    table = f"<table><caption>{some}</caption><tr><td colspan={some!r}>{some}</td></tr></table>"
    codes = f'[gallery ids="{some}"][caption]{media_tags} {some}[/caption][youtube {some}][video src="{some}"]'
    marks = f"<!-- wp:paragraph {{{some}}} --><p>{some}</p><!-- /wp:paragraph --><!-- wp:embed {{{some}}} /-->"
    content.convert_html(f"<em>{marks}</em>{media_tags}{blocks}{table}{codes}{marks}")


def _figures(typed: str) -> None:
    """A stored body with figures, on the page and in an export."""
    words = escape(typed)
    figure = f'<figure data-embed="https://vimeo.com/12345"><figcaption>{words}</figcaption></figure>'
    gone = f'<figure data-embed="https://a.example/{words}"></figure>'
    body = clean_body(f"{figure}<p>{words} &#160; &eacute;</p>{gone}")
    render_body(body)
    out = newsite_meta.body_for_export(f'{body}<figure data-picture="1"></figure>', lambda pk: (typed, typed))
    newsite_meta.body_from_export(out, lambda address, alternative, caption: image_reference(1, caption))


DRIVES: dict[str, Run] = {
    "a comment as it is stored": clean.clean_text,
    "a name as it is stored": clean.clean_name,
    "text less its controls": lambda typed: (clean.remove_controls(typed), visible.strip_control_chars(typed)),
    "a text as the admin stores it": lambda typed: [visible.as_stored(field, typed) for field in STORED],
    "the form of an edit": _edit_form,
    "the form of a report": _report_form,
    "the form of a subscription": _subscription_form,
    "a hidden field": lambda typed: (parse_id(typed), is_genuine_token(typed), mask_address(typed), address_key(typed)),
    "a query of an address": lambda typed: QueryDict(f"q={typed.replace('&', '')}").get("q", ""),
    "a cursor": _parsed,
    "the HTML of a comment": links.text_as_html,
    "the HTML of a comment, folded": lambda typed: links.comment_as_html(typed + "\n\nAnd so on." * 30),
    "the links of a comment": _link_hosts,
    "a host": _a_host,
    "the names that a name looks like": _name,
    "a proof of work": _proof,
    "a key of a page": _key_of_a_page,
    "a mailbox": _mailbox,
    "the hash of a text": hash_text,
    "the likeness of a text": _likeness,
    "the word list": lambda typed: word_list.find_matches(matcher(), typed, typed[:60], links.extract_links(typed)),
    "an entry of the word list": _listed_entry,
    "the scoring": _own_words,
    "what a block is kept under": lambda typed: block_keys(Reader(None, ""), typed[:60], links.extract_links(typed)),
    "a redaction": _redaction,
    "a comment with its findings marked": lambda typed: detail.highlight(typed, WRITTEN, hints=["b", "&"]),
    "words to look for in the queue": lambda typed: (contains_all_words(typed[:200]), indexable_words(typed[:200])),
    "a comment in a letter": lambda typed: (quoting.make_excerpt(typed), quoting.excerpt_name(typed)),
    "a mail server's answer": _mail_log,
    "the headers of a request": _request_headers,
    "an address of a client": lambda typed: (identity.hash_network(typed), identity.is_ip_address(typed)),
    "a path in the log": lambda typed: logs.redact_path(f"/{typed}"),
    "a fault in the log": _log,
    "a fault for Sentry": _sentry,
    "an article's body": _body,
    "an article's body that was exported": _export,
    "an address to embed": lambda typed: (embeds.parse_embed(f"https://{typed}"), embed_reference(f"https://{typed}")),
    "two versions of a text": lambda typed: text_diff_html(typed, typed[: len(typed) // 2] + "b" + typed[-100:]),
    "words for the search": lambda typed: list(tokenizer.tokenize(typed)),
    "a question to the search": lambda typed: query.parse_terms(typed[: query.MAX_QUERY_LENGTH]),
    "a text with hits marked": _search,
    "linked data": _linked_data,
    "an imported comment": lambda typed: clean.clean_text(html_to_text.html_to_text(typed, keep_lines=True)),
    "an imported comment without line breaks": lambda typed: html_to_text.html_to_text(typed, keep_lines=False),
    "an imported name": html_to_text.html_to_line,
    "an imported key": lambda typed: (compute_key(typed), device_of_email(typed)),
    "an imported article": content.convert_html,
    "an imported article's shortcodes": lambda typed: shortcodes.replace_shortcodes(typed, lambda what: None),
    "an imported article's media": _wordpress_media,
    "the fields of an import": _wordpress_fields,
    "the addresses of an import": _imported_addresses,
    "an imported comment with markup": _markup_of_a_comment,
    "an imported article with markup": _markup_of_an_article,
    "an article's body with figures": _figures,
    "a cell of a spreadsheet": neutralize_formula,
    "an entry of a table of contents": sitemaps._loc,
}
