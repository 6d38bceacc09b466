from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
import pytest

from articles.imports import ArticleData, ImportOutcome, import_articles
from articles.models import Article, Author, ImportRecord, Section, Tag

AT = datetime(2012, 1, 3, 23, 30, tzinfo=UTC)


@pytest.fixture
def section(db):
    return Section.objects.create(name="Town", slug="town")


@pytest.fixture
def piece(section):
    authors = tuple(Author.objects.create(name=name, slug=name.lower()) for name in ("Zoe", "Ada"))
    tags = (Tag.objects.create(name="Harbour", slug="harbour"),)

    def make(key="1", **fields):
        defaults = {"headline": "A headline", "body": "<p>One</p>", "slug": "a", "day": date(2012, 1, 3)}
        defaults |= {"published_at": AT, "authors": authors, "tags": tags}
        return ArticleData(key=key, section=section, **{**defaults, **fields})

    return make


def fate(*pieces):
    return {key: each.outcome for key, each in import_articles("old.example", pieces).items()}


def test_an_article_comes_with_its_bylines_in_order_and_its_tags(piece):
    assert fate(piece()) == {"1": ImportOutcome.NEW}
    article = Article.objects.get()
    assert (article.headline, article.body, article.published_at) == ("A headline", "<p>One</p>", AT)
    assert [byline.author.name for byline in article.bylines.all()] == ["Zoe", "Ada"]
    assert [tag.name for tag in article.tags.all()] == ["Harbour"]
    assert article.is_public()


def test_its_history_begins_with_the_import(piece):
    import_articles("old.example", [piece()])
    import_articles("old.example", [piece(headline="Better")])
    first, second = Article.objects.get().history.order_by("history_id")
    assert (first.headline, first.history_type, first.history_user, first.history_change_reason) == (
        "A headline",
        "+",
        None,
        "import",
    )
    assert [name for _pk, name in first.byline_snapshot] == ["Zoe", "Ada"]
    assert (second.headline, second.history_type) == ("Better", "~")
    assert not Article.objects.get().is_updated()


def test_the_day_of_its_address_is_that_of_the_old_one_and_stays(piece, settings):
    import_articles("old.example", [piece(day=date(2012, 1, 4))])
    article = Article.objects.get()
    assert article.get_absolute_url() == "/2012/01/04/a/"
    article.headline = "Another"
    article.save()
    assert Article.objects.get().get_absolute_url() == "/2012/01/04/a/"


def test_what_is_due_later_is_scheduled_and_what_has_no_time_a_draft(piece):
    later = timezone.now() + timedelta(days=9)
    import_articles("old.example", [piece("1", published_at=later), piece("2", published_at=None, day=None, slug="")])
    assert not Article.objects.published().exists()
    assert [article.first_published_at for article in Article.objects.all()] == [None, None]


def test_a_second_time_nothing_happens(piece):
    import_articles("old.example", [piece()])
    version = Article.objects.get().version
    assert fate(piece()) == {"1": ImportOutcome.UNCHANGED}
    assert (Article.objects.count(), Article.objects.get().version) == (1, version)


def test_what_changed_there_changes_here(piece):
    import_articles("old.example", [piece()])
    assert fate(piece(headline="Better", authors=(), tags=())) == {"1": ImportOutcome.CHANGED}
    article = Article.objects.get()
    assert (article.headline, article.bylines.count(), article.tags.count()) == ("Better", 0, 0)
    assert fate(piece(headline="Best")) == {"1": ImportOutcome.CHANGED}


@pytest.mark.parametrize("change", ["headline", "byline", "tag"])
def test_what_an_editor_changed_since_is_kept(piece, change):
    import_articles("old.example", [piece()])
    article = Article.objects.get()
    match change:
        case "headline":
            article.headline = "Ours"
            article.save()
        case "byline":
            article.bylines.first().delete()
        case "tag":
            article.tags.clear()
    assert fate(piece()) == {"1": ImportOutcome.UNCHANGED}
    assert fate(piece(headline="Theirs")) == {"1": ImportOutcome.KEPT_LOCAL}
    assert Article.objects.get().headline != "Theirs"


def test_what_was_deleted_here_does_not_come_back(piece):
    import_articles("old.example", [piece()])
    Article.objects.all().delete()
    assert fate(piece(headline="Better")) == {"1": ImportOutcome.DELETED_HERE}
    assert not Article.objects.exists()


def test_two_of_one_day_with_one_slug_have_two_addresses(piece):
    import_articles("old.example", [piece("1"), piece("2"), piece("3", day=date(2012, 1, 4))])
    import_articles("old.example", [piece("4", slug="a" * 200)])
    assert sorted(Article.objects.values_list("slug", flat=True))[:3] == ["a", "a", "a-2"]


def test_one_without_a_slug_that_moves_to_the_day_of_its_namesake_has_another_address(piece):
    days = {"1": date(2012, 1, 3), "2": date(2012, 1, 4)}
    import_articles("old.example", [piece(key, slug="", day=day) for key, day in days.items()])
    assert fate(piece("2", slug="", day=days["1"])) == {"2": ImportOutcome.CHANGED}
    assert sorted(Article.objects.values_list("day", "slug")) == [
        (days["1"], "a-headline"),
        (days["1"], "a-headline-2"),
    ]


def test_two_sources_may_have_the_same_ids(piece):
    import_articles("old.example", [piece()])
    import_articles("other.example", [piece()])
    assert (Article.objects.count(), ImportRecord.objects.count()) == (2, 2)
