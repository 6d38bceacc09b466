"""Fuzz scenarios with a database: each calls one feature of the site with one untrusted text.

Changes of a scenario are rolled back, so that all scenarios start with the same rows.
"""

from __future__ import annotations

from collections.abc import Callable
import contextlib
from dataclasses import dataclass
from io import StringIO
import logging
from pathlib import Path
import tempfile
from urllib.parse import quote, urlencode

from django.contrib.auth.models import User
from django.contrib.flatpages.models import FlatPage
from django.contrib.redirects.models import Redirect
from django.core.cache import caches
from django.core.management import call_command
from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from articles.models import Article, Author, Byline, Revision, Tag
from comments import feeds
from comments.forms import CommentForm
from comments.identity import Reader, create_device_id
from comments.models import Comment, Decision, Notification, SitePolicy, Subscription
from comments.models.notification import new_token
from comments.notifications.compose import compose
from comments.notifications.subscriptions import change_preferences, confirm, subscribe, unsubscribe
from comments.queue.filters import QueueFilters
from comments.readers.edits import edit
from comments.readers.form_limit import FormRefused
from comments.statuses import Cause, Status
from comments.submission.collect_facts import SubmittedComment
from comments.submission.submit import submit
from comments.text.clean import clean_name, clean_text
from newsite.accounts.two_factor import WrongCode, verify_code
from newsite.exporters import jsonl
from newsite.exporters import wxr as wxr_exporter
from tests.conftest import client_of, make_article, make_comment, make_user, send
from tests.support import wxr_builder
from tests.support.routes import site_routes

MAX_URL_LENGTH = 8_000  # characters, by nginx and gunicorn
HEADERS = {"Sec-Fetch-Site": "same-origin"}
ROUTE_VALUES = {"day": "2020/01/01", "int": "1", "image_name": f"images/2020/01/{'0' * 64}.jpg"}


@dataclass
class SeedData:
    article: Article
    comment: Comment
    device: str
    editor: User

    @classmethod
    def build(cls) -> SeedData:
        article, device = make_article(), create_device_id()
        comment = make_comment(article, device=device, text="The ferry was late again.")
        Byline.objects.create(article=article, author=Author.objects.create(name="Ada Quill", slug="ada"))
        return cls(article, comment, device, make_user("hostile-editor", "Editors"))

    def reader(self) -> Client:
        return client_of(self.device)

    def staff(self) -> Client:
        client = Client()
        client.force_login(self.editor)
        return client

    def with_text(self, text: str) -> Comment:
        """Store the text and a name derived from it in the comment; return the comment."""
        cleaned = clean_text(text) or "."
        Comment.objects.filter(pk=self.comment.pk).update(text=cleaned, name=clean_name(text)[:60] or ".")
        return Comment.objects.select_related("article", "parent").get(pk=self.comment.pk)


Scenario = Callable[[SeedData, str], object]


def run(scenario: Scenario, seed: SeedData, text: str) -> None:
    """Run a scenario in a transaction that is rolled back, without log output."""
    logging.disable(logging.CRITICAL)
    for cache in caches.all(initialized_only=True):
        cache.clear()
    try:
        with transaction.atomic():
            scenario(seed, text)
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)


def _routes(_seed: SeedData, text: str) -> None:
    """Resolve every route, with the text in each free part."""
    for pattern in site_routes():
        route = str(pattern.pattern)
        for part in route.split("<")[1:]:
            converter, _colon, _name = part.partition(">")[0].partition(":")
            route = route.replace(f"<{part.partition('>')[0]}>", ROUTE_VALUES.get(converter, text), 1)
        with contextlib.suppress(Resolver404):
            resolve(f"/{route}")


def _missing_page(_seed: SeedData, text: str) -> None:
    Client().get(f"/{quote(text[:MAX_URL_LENGTH])}/x/", {"p": text[:500]})


def _query_strings(seed: SeedData, text: str) -> None:
    """Request pages with the text in their query parameters."""
    client, address = seed.reader(), seed.article.get_absolute_url()
    for page, names in [
        (address, ["after"]),
        (address, ["thread", "after"]),
        (address, ["reply"]),
        (address, ["sort"]),
        ("/comments/yours/", ["after"]),
        ("/corrections/", ["after"]),
        ("/search/", ["q"]),
        ("/search/", ["page"]),
        ("/section/town/", ["after"]),
    ]:
        client.get(f"{page}?{urlencode(dict.fromkeys(names, text[:MAX_URL_LENGTH]))}")


def _search(_seed: SeedData, text: str) -> None:
    Client().get("/search/", {"q": f"once {text[:150]}"})


def _article_page(seed: SeedData, text: str) -> None:
    """Request an article's page as an anonymous reader, and as the author of a comment with a reply."""
    comment = seed.with_text(text)
    make_comment(seed.article, parent=comment, device=seed.device, text=comment.text)
    Client().get(seed.article.get_absolute_url())
    seed.reader().get(f"{seed.article.get_absolute_url()}yours/")
    seed.reader().get("/comments/yours/")


def _posted_comment(seed: SeedData, text: str) -> None:
    client = seed.reader()
    send(client, seed.article, comment=text, name=text[:60] or "Ada", website=text)


def _rejected_form(seed: SeedData, text: str) -> None:
    """Post a form with errors in all fields, which is rendered again."""
    send(seed.reader(), seed.article, comment="", name=text, parent=text, website=text, rendered=None)
    form = CommentForm({"comment": text, "name": text, "website": text, "rendered": text, "parent": text})
    form.is_valid()
    form.prepare_redisplay()


def _posted_twice(seed: SeedData, text: str) -> None:
    """Post twice without a cookie: with the same idempotency key, and without one."""
    for key in ("0" * 32, ""):
        for _time in range(2):
            send(Client(), seed.article, comment=f"{key}{text}", idempotency_key=key, rendered=None)
    client = Client()
    client.cookies["receipt"] = quote(text)
    client.get(f"{seed.article.get_absolute_url()}yours/")


def _attack_mode(seed: SeedData, text: str) -> None:
    """Post as a new reader in attack mode, with an invalid proof of work."""
    SitePolicy.objects.update_or_create(pk=1, defaults={"attack_mode": SitePolicy.AttackMode.ON})
    send(Client(), seed.article, comment=text, proof=text, ticket=text, rendered=None)
    send(Client(), seed.article, comment=text, rendered=None)
    SitePolicy.objects.filter(pk=1).update(attack_mode=SitePolicy.AttackMode.AUTO)


def _submit(seed: SeedData, text: str) -> None:
    submit(seed.article, _submitted_comment(text), Reader(device=seed.device, network="a"))


def _edit(seed: SeedData, text: str) -> None:
    Comment.objects.filter(pk=seed.comment.pk).update(created_at=timezone.now())
    edit(Comment.objects.get(pk=seed.comment.pk), clean_text(text) or ".", Reader(seed.device, "a"))


def _submitted_comment(text: str) -> SubmittedComment:
    return SubmittedComment(text=clean_text(text) or ".", name=clean_name(text)[:60] or "Ada", honeypot=text)


def _other_forms(seed: SeedData, text: str) -> None:
    client = client_of(create_device_id())
    client.post(f"/comments/{seed.comment.pk}/report/", {"complaint": "other", "note": text[:900]}, headers=HEADERS)
    client.post("/letters/", {"address": text, "replies": text}, headers=HEADERS)
    client.post(f"/letters/{quote(text, safe='')}/", {"confirm": text}, headers=HEADERS)
    client.post(f"/comments/{seed.comment.pk}/recommend/", {"x": text}, headers=HEADERS)


def _login(seed: SeedData, text: str) -> None:
    Client().post("/admin/login/", {"username": text, "password": text, "next": text})
    seed.staff().post(reverse("admin:code"), {"code": text})
    with contextlib.suppress(WrongCode):
        verify_code(seed.editor, text)


def _subscription(seed: SeedData, text: str) -> None:
    """Subscribe, and follow the links in the emails."""
    with contextlib.suppress(FormRefused):
        subscribe(text[:200], device=seed.device, network=text[:32], decisions=True, replies="never")
    confirm(text)
    change_preferences(text, decisions=True, replies="never")
    unsubscribe(token=text)


def _other_pages(seed: SeedData, text: str) -> None:
    """Request lists, feeds, forms and redirects that show a comment or an article."""
    comment = seed.with_text(text)
    article = seed.article
    Article.objects.filter(pk=article.pk).update(headline=text[:250], standfirst=text[:600])
    old = f"/{text[:150]}/"
    Redirect.objects.create(site_id=1, old_path=old, new_path=f"{article.get_absolute_url()}?{text[:40]}")
    client = seed.reader()
    for page in ("feed/", "comments/mine/"):
        client.get(f"{article.get_absolute_url()}{page}")
    for page in ("/comments/feed/", "/feed/", "/feed/atom/", "/section/town/", "/author/ada/", "/news-sitemap.xml"):
        client.get(page)
    for page in ("edit", "report", "withdraw"):
        client.get(f"/comments/{comment.pk}/{page}/")
    client.get(quote(old), {"p": text[:500]})
    client.get(f"/letters/{quote(text[:100], safe='')}/stop/")
    client.get(f"/preview/{quote(text[:100], safe='')}/")
    client.post("/2020/01/01/gone/comments/", {"comment": text, "name": text}, headers=HEADERS)
    client.post(f"/comments/{comment.pk}/edit/", {"comment": text}, headers=HEADERS)
    FlatPage.objects.create(url="/typed/", title=text[:200], content=text).sites.add(1)
    client.get("/typed/")


def _moderation_pages(seed: SeedData, text: str) -> None:
    """Request the moderation pages of a comment with findings."""
    comment = seed.with_text(text)
    Comment.objects.filter(pk=comment.pk).update(status=Status.PENDING)
    finding = {
        "rule": "matches_word_list",
        "outcome": "hold",
        "detail": text[:60],
        "matched": [text[:9], "a", "word"],
    }
    Decision.objects.create(
        comment=comment, from_status=None, to_status=Status.PENDING, cause=Cause.SUBMITTED, findings=[finding]
    )
    staff = seed.staff()
    staff.get(reverse("admin:comments_moderation_changelist"))
    staff.get(reverse("admin:comments_moderation_changelist"), {"text": text[:200], "name": text[:60]})
    staff.post(reverse("admin:comments_moderation_redact"), {"comment": comment.pk, "text": text, "version": 1})
    staff.get("/admin/comments/comment/")
    staff.get(f"/admin/comments/comment/{comment.pk}/change/")


def _queue_filters(_seed: SeedData, text: str) -> None:
    filters = QueueFilters(dict.fromkeys(QueueFilters.base_fields, text))
    filters.is_valid()
    for name, max_length in (("text", 200), ("name", 60), ("article", 2_000)):
        queue_filters = QueueFilters({name: text[:max_length]})
        str(queue_filters.conditions())
        queue_filters.chips()


def _feed(seed: SeedData, text: str) -> None:
    comment = seed.with_text(text)
    feeds.render_rss([comment], title=text, address="/", feed_address="/feed/", language="en")


def _notification_email(seed: SeedData, text: str) -> None:
    comment = seed.with_text(text)
    subscription = Subscription.objects.create(device="x", address="ada@example.org", token=new_token())
    reply = Notification(
        kind=Notification.Kind.REPLY, subscription=subscription, comment=comment, due_at=timezone.now()
    )
    compose([reply]).message().as_bytes()


def _article(seed: SeedData, text: str) -> None:
    """Save, index, show, list, export and compare an article."""
    article = seed.article
    article.headline, article.standfirst, article.body = text[:250] or ".", text[:600], text
    article.save()
    staff = seed.staff()
    for version in Revision.objects.filter(id=article.pk):
        staff.get(f"/admin/articles/article/{article.pk}/history/{version.history_id}/")
    article.tags.add(Tag.objects.create(name=text[:80] or ".", slug="typed"))
    Client().get(article.get_absolute_url())
    Client().get("/")
    for _line in (*wxr_exporter.write(), *jsonl.article_lines(), *jsonl.comment_lines()):
        pass


def _wordpress(_seed: SeedData, text: str) -> None:
    """Import an export with the text in all fields."""
    plain = "".join(each for each in text if each.isprintable() or each in "\n\t").replace("]]>", "")
    comment = wxr_builder.comment(3, plain, comment_author=plain[:200], comment_author_email=plain[:200])
    meta = {"_yoast_wpseo_metadesc": plain, "_newsite_correction": plain}
    terms = (("category", "town", plain[:200]), ("post_tag", plain[:200], plain[:200]), ("author", plain[:90], plain))
    post = wxr_builder.post(7, comment, title=plain, content=plain, excerpt=plain, slug=plain, terms=terms, meta=meta)
    category = wxr_builder.category("town", plain, parent=plain[:200], id=5)
    _import("import_wordpress", wxr_builder.wxr(wxr_builder.author(plain[:200], plain), category, post))


def _disqus(seed: SeedData, text: str) -> None:
    plain = "".join(each for each in text if each.isprintable() or each in "\n\t").replace("]]>", "")
    thread = wxr_builder.thread("11", f"https://old.example{seed.article.get_absolute_url()}", identifier=plain)
    elsewhere = wxr_builder.thread("12", f"https://{plain}", title=plain)
    messages = [wxr_builder.message(str(n), thread, plain, name=plain[:200]) for n, thread in ((21, "11"), (22, "12"))]
    _import("import_disqus", wxr_builder.disqus(thread, elsewhere, *messages))


def _import(command: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        path.write_text(text, "utf-8", "replace")
        call_command(command, path, stdout=StringIO(), stderr=StringIO())


SCENARIOS: dict[str, Scenario] = {
    "the routes": _routes,
    "a missing page": _missing_page,
    "query parameters": _query_strings,
    "a search": _search,
    "an article's page": _article_page,
    "a posted comment": _posted_comment,
    "a rejected comment form": _rejected_form,
    "a comment that is posted twice": _posted_twice,
    "a comment of a new reader during an attack": _attack_mode,
    "a submitted comment": _submit,
    "an edited comment": _edit,
    "the other forms": _other_forms,
    "a login": _login,
    "a subscription": _subscription,
    "lists and feeds": _other_pages,
    "the moderation pages": _moderation_pages,
    "the filters of the queue": _queue_filters,
    "a feed of comments": _feed,
    "a notification email": _notification_email,
    "a saved article": _article,
    "a WordPress export": _wordpress,
    "a Disqus export": _disqus,
}
