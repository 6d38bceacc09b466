from datetime import UTC, date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
import pytest
import time_machine

from articles.models import Article, Author, Byline, FooterLink, Section, SiteSettings
from tests.conftest import make_article

MORNING = datetime(2026, 3, 1, 6, tzinfo=UTC)


def test_published_at_alone_decides(db):
    article = make_article(published_at=MORNING)
    with time_machine.travel(MORNING - timedelta(seconds=1), tick=False):
        assert not Article.objects.published().exists()
        assert not article.is_public()
    with time_machine.travel(MORNING, tick=False):
        assert Article.objects.published().get() == article
        assert article.is_public()


def test_a_draft_is_never_public(db):
    make_article(published_at=None)
    assert not Article.objects.published().exists()


def test_the_day_in_the_address_is_that_of_the_sites_time_zone(db, settings):
    settings.TIME_ZONE = "Pacific/Auckland"
    with timezone.override("Pacific/Auckland"), time_machine.travel(MORNING):
        article = make_article(published_at=datetime(2026, 2, 28, 20, tzinfo=UTC), slug="x")
    assert article.get_absolute_url() == "/2026/03/01/x/"


@time_machine.travel(MORNING)
def test_the_address_follows_a_scheduled_time(db):
    article = make_article(published_at=MORNING + timedelta(days=1))
    article.published_at = MORNING + timedelta(days=5)
    article.save()
    assert article.day == date(2026, 3, 6)
    article.published_at = None
    article.save()
    assert article.day is None


def test_the_address_stays_once_readers_have_seen_it(db):
    with time_machine.travel(MORNING):
        article = make_article(published_at=MORNING + timedelta(days=1))
    with time_machine.travel(MORNING + timedelta(days=2)):  # public by its date alone, not saved since
        article.published_at = None
        article.save()
        assert article.day == date(2026, 3, 2)
        article.published_at = MORNING + timedelta(days=9)
        article.save()
        assert article.day == date(2026, 3, 2)


@time_machine.travel(MORNING)
def test_two_articles_of_a_day_cannot_share_a_slug(db):
    make_article(slug="same", published_at=MORNING)
    make_article(slug="same", published_at=MORNING - timedelta(days=1))
    twin = Article(headline="x", slug="same", published_at=MORNING, section=Section.objects.get())
    with pytest.raises(ValidationError, match="Another article published that day"):
        twin.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        twin.save()


def test_drafts_may_share_a_slug(db):
    make_article(slug="same", published_at=None)
    make_article(slug="same", published_at=None)


@pytest.mark.parametrize(
    ("headline", "slug"), [("Two Words!", "two-words"), ("Straße 東京", "straße-東京"), ("???", "article")]
)
def test_the_slug_is_made_from_the_headline(db, headline, slug):
    assert make_article(headline=headline).slug == slug


def test_every_save_moves_the_version_also_of_two_editors_at_once(article):
    one, other = Article.objects.get(), Article.objects.get()
    one.save()
    other.save(update_fields=["headline"])
    assert Article.objects.get().version == article.version + 2


def test_the_body_is_cleaned_whoever_saves_it(db):
    assert make_article(body="<p>a</p><script>x</script>").body == "<p>a</p>"


def test_an_authors_new_name_moves_their_articles(article):
    author = Author.objects.create(name="Ada", slug="ada")
    Byline.objects.create(article=article, author=author)
    before = Article.objects.get().version
    author.save()
    assert Article.objects.get().version == before + 1


def test_bylines_move_the_article(article):
    byline = Byline.objects.create(article=article, author=Author.objects.create(name="Ada", slug="ada"))
    before = Article.objects.get().version
    byline.delete()
    assert Article.objects.get().version == before + 1


def test_there_is_one_paper(db, settings):
    settings.SITE_NAME = "The Default"
    assert SiteSettings.current().name == "The Default"
    SiteSettings(name="First").save()
    SiteSettings.objects.create(name="Second")
    assert SiteSettings.objects.get().name == "Second"
    with pytest.raises(IntegrityError), transaction.atomic():
        SiteSettings.objects.bulk_create([SiteSettings(pk=2, name="Another")])


@pytest.mark.parametrize(
    "change",
    [
        lambda: SiteSettings.current().save(),
        lambda: Section.objects.create(name="New", slug="new"),
        lambda: FooterLink.objects.create(site_settings_id=1, text="Imprint", address="/imprint/"),
    ],
)
def test_what_every_page_shows_moves_the_paper(db, change):
    SiteSettings(name="The Paper").save()
    before = SiteSettings.objects.get().version
    changed = change()
    assert SiteSettings.objects.get().version == before + 1
    if changed:
        changed.delete()
        assert SiteSettings.objects.get().version == before + 2


def test_sections_deleted_in_bulk_move_the_paper_too(db):
    Section.objects.create(name="New", slug="new")
    before = SiteSettings.objects.get().version
    Section.objects.filter(slug="new").delete()
    assert SiteSettings.objects.get().version == before + 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "imprint", "//evil.example", "/\\evil.example", "/a b", ""])
def test_a_footer_link_is_an_address(db, address):
    SiteSettings(name="The Paper").save()
    with pytest.raises(ValidationError):
        FooterLink(site_settings_id=1, text="x", address=address).full_clean()
