"""Text of emails: nothing that a reader could use against the recipient."""

from email import message_from_bytes, policy

from django.utils import translation
import pytest

from articles.models import SiteSettings
from comments.models import Notification
from comments.moderation.decide import decide
from comments.notifications.compose import compose
from comments.statuses import Status
from tests.conftest import make_article, make_comment
from tests.support.html import Page
from tests.support.notifications import create_subscription

HOSTILE = [
    ("<script>alert(1)</script>", "<img src=x onerror=alert(1)>"),
    ("Ada\r\nBcc: victim@example.org", "a\r\n.\r\nMAIL FROM:<x>"),
    ("http://evil.example/", "Look: http://evil.example/a <a href='http://evil.example'>x</a> evil.io"),
    ("{{ 7*7 }}{% debug %}", "%s %(name)s {0.__class__}"),
    ("\u202eevil", "\x01\x1b\ufeff\u2028"),
]


def notification_about(text, name, article=None):
    article = article or make_article()
    reply = make_comment(article, parent=make_comment(article, device="adas"), text=text, name=name)
    return Notification.objects.create(
        kind=Notification.Kind.REPLY, subscription=create_subscription("adas"), comment=reply
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "text"), HOSTILE)
def test_hostile_words_stay_words(name, text):
    mail = compose([notification_about(text, name)])
    message = message_from_bytes(mail.message().as_bytes(), policy=policy.default)
    assert message["To"] == "ada@example.org"
    assert message["Bcc"] is None
    html = message.get_body(("html",)).get_content()
    page = Page(html)
    assert not page.has_executable_content()
    assert not [tag for tag, _ in page.elements if tag in {"img", "script", "link", "style"}]
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert all(link.startswith("http://testserver/") for link in links)
    for words in (html, message.get_body(("plain",)).get_content()):
        assert "evil." not in words


@pytest.mark.django_db
def test_a_headline_of_several_lines_is_no_header_of_its_own():
    article = make_article(headline="Storm\r\nBcc: victim@example.org" + "x" * 200)
    mail = compose([notification_about("Yes.", "Ada", article)])
    assert mail.message()["Bcc"] is None
    assert "“Storm Bcc: victim" in mail.subject


@pytest.mark.django_db
def test_one_click_ends_them_and_the_links_follow_the_sites_own_address(settings):
    settings.SITE_URL = "https://news.example.org"
    letter = notification_about("Yes.", "Ada")
    mail = compose([letter])
    stop = f"https://news.example.org/letters/{letter.subscription.token}/stop/"
    assert mail.extra_headers["List-Unsubscribe"] == f"<{stop}>"
    assert mail.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "testserver" not in mail.body + mail.alternatives[0].content
    assert f"https://news.example.org/letters/{letter.subscription.token}/" in mail.body


@pytest.mark.django_db
def test_a_letter_that_asks_to_confirm_holds_nothing_that_a_reader_wrote():
    SiteSettings.objects.create(pk=1, name="The Courier")
    article = make_article(headline="Storm")
    make_comment(article, device="adas", text="Buy this", name="Spammer")
    letter = Notification.objects.create(
        kind=Notification.Kind.CONFIRM, subscription=create_subscription("adas", confirmed_at=None), comment=None
    )
    mail = compose([letter])
    assert mail.subject == "Confirm your email address"
    for words in ("Buy this", "Spammer", "Storm"):
        assert words not in mail.body


@pytest.mark.django_db
def test_a_comment_taken_back_is_told_as_such(moderator):
    article = make_article()
    create_subscription("adas")
    decide(make_comment(article, device="adas"), Status.REJECTED, actor=moderator)
    assert "removed by a moderator" in compose([Notification.objects.get()]).body


@pytest.mark.django_db
def test_a_site_in_another_language_reads_from_its_own_side():
    with translation.override("ar"):
        html = compose([notification_about("مرحبا", "آدم")]).alternatives[0].content
    assert '<html lang="ar" dir="rtl">' in html
    assert '<blockquote dir="auto">مرحبا</blockquote>' in html


@pytest.mark.django_db
def test_the_email_names_its_site_in_both_forms():
    SiteSettings(name="The Harbour Post").save()
    mail = compose([notification_about("Yes.", "Ada")])
    for text in (mail.body, mail.alternatives[0][0]):
        assert "Sent by The Harbour Post." in text
