"""Every way in for strangers' text that needs a database, each as a function of a stage and one text.

What a drive stores is taken back, so that each finds the same rows.
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
from newsite.exporters import wxr as leaving
from tests.conftest import client_of, make_article, make_comment, make_user, send
from tests.support import wxr_builder
from tests.support.routes import site_routes

LONGEST_ADDRESS = 8_000  # characters, by nginx and gunicorn
HEADERS = {"Sec-Fetch-Site": "same-origin"}
VALUES_IN_ROUTES = {"day": "2020/01/01", "int": "1", "image_name": f"pictures/2020/01/{'0' * 64}.jpg"}


@dataclass
class Stage:
    article: Article
    comment: Comment
    device: str
    editor: User

    @classmethod
    def build(cls) -> Stage:
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

    def with_text(self, typed: str) -> Comment:
        """The comment, with this text and a name made of it."""
        text = clean_text(typed) or "."
        Comment.objects.filter(pk=self.comment.pk).update(text=text, name=clean_name(typed)[:60] or ".")
        return Comment.objects.select_related("article", "parent").get(pk=self.comment.pk)


Drive = Callable[[Stage, str], object]


def run(drive: Drive, stage: Stage, typed: str) -> None:
    """Take back what the drive stores. Be silent about what it logs."""
    logging.disable(logging.CRITICAL)
    for cache in caches.all(initialized_only=True):
        cache.clear()
    try:
        with transaction.atomic():
            drive(stage, typed)
            transaction.set_rollback(True)
    finally:
        logging.disable(logging.NOTSET)


def _routes(_stage: Stage, typed: str) -> None:
    """Every address in urls.py, with the text in each of its free parts."""
    for pattern in site_routes():
        route = str(pattern.pattern)
        for part in route.split("<")[1:]:
            converter, _colon, _name = part.partition(">")[0].partition(":")
            route = route.replace(f"<{part.partition('>')[0]}>", VALUES_IN_ROUTES.get(converter, typed), 1)
        with contextlib.suppress(Resolver404):
            resolve(f"/{route}")


def _nowhere(_stage: Stage, typed: str) -> None:
    Client().get(f"/{quote(typed[:LONGEST_ADDRESS])}/x/", {"p": typed[:500]})


def _queries(stage: Stage, typed: str) -> None:
    """What the pages read of their queries."""
    client, address = stage.reader(), stage.article.get_absolute_url()
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
        client.get(f"{page}?{urlencode(dict.fromkeys(names, typed[:LONGEST_ADDRESS]))}")


def _search(_stage: Stage, typed: str) -> None:
    Client().get("/search/", {"q": f"once {typed[:150]}"})


def _page(stage: Stage, typed: str) -> None:
    """The article's page, for everyone and for the author of the comment, who replied to it under a typed name."""
    comment = stage.with_text(typed)
    make_comment(stage.article, parent=comment, device=stage.device, text=comment.text)
    Client().get(stage.article.get_absolute_url())
    stage.reader().get(f"{stage.article.get_absolute_url()}yours/")
    stage.reader().get("/comments/yours/")


def _sent(stage: Stage, typed: str) -> None:
    client = stage.reader()
    send(client, stage.article, comment=typed, name=typed[:60] or "Ada", website=typed)


def _sent_wrong(stage: Stage, typed: str) -> None:
    """All fields are wrong; the form comes back with them."""
    send(stage.reader(), stage.article, comment="", name=typed, parent=typed, website=typed, rendered=None)
    form = CommentForm({"comment": typed, "name": typed, "website": typed, "rendered": typed, "parent": typed})
    form.is_valid()
    form.prepare_redisplay()


def _sent_twice(stage: Stage, typed: str) -> None:
    """By readers without a cookie: with the same key of the page, and without one."""
    for key in ("0" * 32, ""):
        for _time in range(2):
            send(Client(), stage.article, comment=f"{key}{typed}", idempotency_key=key, rendered=None)
    client = Client()
    client.cookies["receipt"] = quote(typed)
    client.get(f"{stage.article.get_absolute_url()}yours/")


def _challenged(stage: Stage, typed: str) -> None:
    """By a new reader while attack mode is on, with something that is no solution."""
    SitePolicy.objects.update_or_create(pk=1, defaults={"attack_mode": SitePolicy.AttackMode.ON})
    send(Client(), stage.article, comment=typed, proof=typed, ticket=typed, rendered=None)
    send(Client(), stage.article, comment=typed, rendered=None)
    SitePolicy.objects.filter(pk=1).update(attack_mode=SitePolicy.AttackMode.AUTO)


def _submitted(stage: Stage, typed: str) -> None:
    submit(stage.article, _draft(typed), Reader(device=stage.device, network="a"))


def _edited(stage: Stage, typed: str) -> None:
    Comment.objects.filter(pk=stage.comment.pk).update(created_at=timezone.now())
    edit(Comment.objects.get(pk=stage.comment.pk), clean_text(typed) or ".", Reader(stage.device, "a"))


def _draft(typed: str) -> SubmittedComment:
    return SubmittedComment(text=clean_text(typed) or ".", name=clean_name(typed)[:60] or "Ada", honeypot=typed)


def _other_forms(stage: Stage, typed: str) -> None:
    client = client_of(create_device_id())
    client.post(f"/comments/{stage.comment.pk}/report/", {"complaint": "other", "note": typed[:900]}, headers=HEADERS)
    client.post("/letters/", {"address": typed, "replies": typed}, headers=HEADERS)
    client.post(f"/letters/{quote(typed, safe='')}/", {"confirm": typed}, headers=HEADERS)
    client.post(f"/comments/{stage.comment.pk}/recommend/", {"x": typed}, headers=HEADERS)


def _login(stage: Stage, typed: str) -> None:
    Client().post("/admin/login/", {"username": typed, "password": typed, "next": typed})
    stage.staff().post(reverse("admin:code"), {"code": typed})
    with contextlib.suppress(WrongCode):
        verify_code(stage.editor, typed)


def _letters(stage: Stage, typed: str) -> None:
    """Readers who ask for letters, and follow the links in them."""
    with contextlib.suppress(FormRefused):
        subscribe(typed[:200], device=stage.device, network=typed[:32], decisions=True, replies="never")
    confirm(typed)
    change_preferences(typed, decisions=True, replies="never")
    unsubscribe(token=typed)


def _other_pages(stage: Stage, typed: str) -> None:
    """What lists and feeds show of a comment, of an article and of the addresses that lead there."""
    comment = stage.with_text(typed)
    article = stage.article
    Article.objects.filter(pk=article.pk).update(headline=typed[:250], standfirst=typed[:600])
    old = f"/{typed[:150]}/"
    Redirect.objects.create(site_id=1, old_path=old, new_path=f"{article.get_absolute_url()}?{typed[:40]}")
    client = stage.reader()
    for page in ("feed/", "comments/mine/"):
        client.get(f"{article.get_absolute_url()}{page}")
    for page in ("/comments/feed/", "/feed/", "/feed/atom/", "/section/town/", "/author/ada/", "/news-sitemap.xml"):
        client.get(page)
    for page in ("edit", "report", "withdraw"):
        client.get(f"/comments/{comment.pk}/{page}/")
    client.get(quote(old), {"p": typed[:500]})
    client.get(f"/letters/{quote(typed[:100], safe='')}/stop/")
    client.get(f"/preview/{quote(typed[:100], safe='')}/")
    client.post("/2020/01/01/gone/comments/", {"comment": typed, "name": typed}, headers=HEADERS)
    client.post(f"/comments/{comment.pk}/edit/", {"comment": typed}, headers=HEADERS)
    FlatPage.objects.create(url="/typed/", title=typed[:200], content=typed).sites.add(1)
    client.get("/typed/")


def _moderation_pages(stage: Stage, typed: str) -> None:
    """What moderators see of a comment."""
    comment = stage.with_text(typed)
    Comment.objects.filter(pk=comment.pk).update(status=Status.PENDING)
    finding = {
        "rule": "matches_word_list",
        "outcome": "hold",
        "detail": typed[:60],
        "matched": [typed[:9], "a", "word"],
    }
    Decision.objects.create(
        comment=comment, from_status=None, to_status=Status.PENDING, cause=Cause.SUBMITTED, findings=[finding]
    )
    staff = stage.staff()
    staff.get(reverse("admin:comments_moderation_changelist"))
    staff.get(reverse("admin:comments_moderation_changelist"), {"text": typed[:200], "name": typed[:60]})
    staff.post(reverse("admin:comments_moderation_redact"), {"comment": comment.pk, "text": typed, "version": 1})
    staff.get("/admin/comments/comment/")
    staff.get(f"/admin/comments/comment/{comment.pk}/change/")


def _filters(_stage: Stage, typed: str) -> None:
    filters = QueueFilters(dict.fromkeys(QueueFilters.base_fields, typed))
    filters.is_valid()
    for name, most in (("text", 200), ("name", 60), ("article", 2_000)):
        some = QueueFilters({name: typed[:most]})
        str(some.conditions())
        some.chips()


def _feed(stage: Stage, typed: str) -> None:
    comment = stage.with_text(typed)
    feeds.render_rss([comment], title=typed, address="/", feed_address="/feed/", language="en")


def _letter(stage: Stage, typed: str) -> None:
    comment = stage.with_text(typed)
    subscription = Subscription.objects.create(device="x", address="ada@example.org", token=new_token())
    reply = Notification(
        kind=Notification.Kind.REPLY, subscription=subscription, comment=comment, due_at=timezone.now()
    )
    compose([reply]).message().as_bytes()


def _article(stage: Stage, typed: str) -> None:
    """An author pastes it: saved, indexed, shown, listed, exported, compared with the version before."""
    article = stage.article
    article.headline, article.standfirst, article.body = typed[:250] or ".", typed[:600], typed
    article.save()
    staff = stage.staff()
    for version in Revision.objects.filter(id=article.pk):
        staff.get(f"/admin/articles/article/{article.pk}/history/{version.history_id}/")
    article.tags.add(Tag.objects.create(name=typed[:80] or ".", slug="typed"))
    Client().get(article.get_absolute_url())
    Client().get("/")
    for _line in (*leaving.write(), *jsonl.article_lines(), *jsonl.comment_lines()):
        pass


def _wordpress(_stage: Stage, typed: str) -> None:
    """A whole export with the text in all of its fields."""
    plain = "".join(each for each in typed if each.isprintable() or each in "\n\t").replace("]]>", "")
    comment = wxr_builder.comment(3, plain, comment_author=plain[:200], comment_author_email=plain[:200])
    meta = {"_yoast_wpseo_metadesc": plain, "_newsite_correction": plain}
    terms = (("category", "town", plain[:200]), ("post_tag", plain[:200], plain[:200]), ("author", plain[:90], plain))
    post = wxr_builder.post(7, comment, title=plain, content=plain, excerpt=plain, slug=plain, terms=terms, meta=meta)
    category = wxr_builder.category("town", plain, parent=plain[:200], id=5)
    _import("import_wordpress", wxr_builder.wxr(wxr_builder.author(plain[:200], plain), category, post))


def _disqus(stage: Stage, typed: str) -> None:
    plain = "".join(each for each in typed if each.isprintable() or each in "\n\t").replace("]]>", "")
    thread = wxr_builder.thread("11", f"https://old.example{stage.article.get_absolute_url()}", identifier=plain)
    elsewhere = wxr_builder.thread("12", f"https://{plain}", title=plain)
    messages = [wxr_builder.message(str(n), thread, plain, name=plain[:200]) for n, thread in ((21, "11"), (22, "12"))]
    _import("import_disqus", wxr_builder.disqus(thread, elsewhere, *messages))


def _import(command: str, text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export.xml"
        path.write_text(text, "utf-8", "replace")
        call_command(command, path, stdout=StringIO(), stderr=StringIO())


DRIVES: dict[str, Drive] = {
    "the routes": _routes,
    "a page that is not there": _nowhere,
    "the queries of pages": _queries,
    "a search": _search,
    "an article's page": _page,
    "a comment that is sent": _sent,
    "a comment that is sent wrong": _sent_wrong,
    "a comment that is sent twice": _sent_twice,
    "a comment of a new reader during an attack": _challenged,
    "a comment that is submitted": _submitted,
    "a comment that is edited": _edited,
    "the other forms": _other_forms,
    "a login": _login,
    "a subscription": _letters,
    "lists and feeds": _other_pages,
    "the moderators' pages": _moderation_pages,
    "the moderators' filters": _filters,
    "a feed of comments": _feed,
    "a letter": _letter,
    "an article that is saved": _article,
    "a WordPress export": _wordpress,
    "a Disqus export": _disqus,
}
