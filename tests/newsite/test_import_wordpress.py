from datetime import UTC, date, datetime
import re

from django.contrib.redirects.models import Redirect
import pytest

from articles.models import Article, Author, Section, Tag
from comments.models import Comment
from tests.support.wxr_builder import author, category, comment, post, wxr

pytestmark = pytest.mark.django_db


def redirects():
    return dict(Redirect.objects.values_list("old_path", "new_path"))


def test_a_post_becomes_an_article_at_its_old_address(run_import, client):
    run_import(
        category("town", "Town"), post(7, comment(3), excerpt="In short.", terms=(("category", "town", "Town"),))
    )
    article = Article.objects.get()
    assert (article.headline, article.standfirst, article.body) == ("A title", "In short.", "<p>Some text.</p>")
    assert article.published_at == datetime(2012, 1, 3, 17, 11, 37, tzinfo=UTC)
    assert [byline.author.name for byline in article.bylines.all()] == ["Ada Lovelace"]
    assert article.section.name == "Town"
    page = client.get("/2012/01/03/post-7/").content.decode()
    assert "A title" in page
    assert 'id="comment-3"' in page


def test_the_day_of_the_address_is_that_of_the_old_sites_clock(run_import):
    run_import(post(7, date="2012-01-04 01:00:00", gmt="2012-01-03 17:00:00"))
    article = Article.objects.get()
    assert (article.day, article.published_at.day) == (date(2012, 1, 4), 3)
    article.save()
    assert Article.objects.get().day == date(2012, 1, 4)


@pytest.mark.parametrize(
    ("fields", "is_public", "note"),
    [
        ({"status": "publish"}, True, ""),
        ({"status": "draft"}, False, ""),
        ({"status": "pending"}, False, ""),
        ({"status": "private"}, False, "it was private"),
        ({"status": "future", "date": "2090-01-01 12:00:00"}, False, ""),
        ({"status": "publish", "post_password": "enter"}, False, "password-protected"),
        ({"status": "publish", "date": "0000-00-00 00:00:00", "link": "/a/"}, False, "no date"),
        ({"status": "strange"}, False, "its status is strange"),
        ({"is_sticky": 1}, True, "it was sticky"),
        ({"title": ""}, True, "it has no title"),
        ({"title": "\u200b\u2060"}, True, "it has no title"),
    ],
)
def test_what_was_public_is_public_and_nothing_else(run_import, fields, is_public, note):
    said = run_import(post(7, **fields))
    assert Article.objects.published().exists() == is_public
    assert Article.objects.exists()
    assert any(line.startswith("note: post 7") and note in line for line in said) == bool(note)


def test_what_waited_for_review_is_ready_for_it(run_import):
    run_import(post(7, status="pending"))
    assert Article.objects.get().is_ready


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "trash"}, "it is in the trash"),
        ({"status": "auto-draft"}, "an empty autosaved draft"),
        ({"post_type": "page"}, "use --pages-section to import pages"),
        ({"post_type": "nav_menu_item"}, "of type nav_menu_item"),
        ({"post_id": 0}, "it has no id"),
    ],
)
def test_what_becomes_no_article_is_named_with_the_reason(run_import, fields, reason):
    said = run_import(post(7, comment(3), **fields))
    assert not Article.objects.exists()
    assert not Comment.objects.exists()
    assert reason in next(line for line in said if line.startswith("skipped: "))
    assert "skipped: comment 3: its article was not imported" in said


def test_pages_come_as_articles_when_they_are_asked_for(run_import, client):
    run_import(post(7, post_type="page", link="https://old.example/about/us/", terms=()), pages_section="Pages")
    article = Article.objects.get()
    assert article.section.name == "Pages"
    for old in ("/about/us/", "/?p=7", "/?page_id=7"):
        assert redirects()[old] == article.get_absolute_url()
    assert redirects()["/about/us/feed/"] == f"{article.get_absolute_url()}feed/"


def test_the_category_at_the_top_is_the_section_and_others_are_tags(run_import):
    said = run_import(
        category("town", "Town", id=4),
        category("harbour", "Harbour", parent="town", id=5),
        category("other", "Other", id=6),
        post(7, terms=(("category", "harbour", "Harbour"), ("category", "other", "Other"), ("post_tag", "sea", "Sea"))),
    )
    article = Article.objects.get()
    assert article.section.slug == "town"
    assert sorted(tag.slug for tag in article.tags.all()) == ["harbour", "other", "sea"]
    assert Section.objects.count() == 1
    found = redirects()
    assert found["/category/town/"] == found["/?cat=4"] == "/section/town/"
    assert found["/category/town/harbour/"] == "/tag/harbour/"
    assert found["/category/other/feed/"] == "/tag/other/feed/"
    assert "/tag/sea/" not in found
    assert not [line for line in said if line.startswith("skipped")]


def test_the_category_that_an_editor_called_the_first_is_the_section(run_import):
    run_import(
        category("a", "A", id=4),
        category("b", "B", id=5),
        post(7, terms=(("category", "a", "A"), ("category", "b", "B")), meta={"_yoast_wpseo_primary_category": "5"}),
    )
    assert Article.objects.get().section.slug == "b"


@pytest.mark.parametrize("terms", [(), (("category", "uncategorized", "Uncategorized"),)])
def test_a_post_without_a_category_goes_to_the_default_section(run_import, terms):
    run_import(post(7, terms=terms), default_section="Notes")
    assert Article.objects.get().section.name == "Notes"


def test_categories_in_a_circle_are_no_matter(run_import):
    run_import(category("a", "A", parent="b"), category("b", "B", parent="a"), post(7, terms=(("category", "a", "A"),)))
    assert Section.objects.count() == 1


def test_several_authors_sign_in_their_order(run_import):
    run_import(post(7, terms=(("author", "cap-zoe", "Zoe"), ("author", "cap-ada", "Ada"))))
    assert [byline.author.name for byline in Article.objects.get().bylines.all()] == ["Zoe", "Ada"]


def test_two_people_stay_two_though_their_logins_make_one_slug(run_import):
    people = [author("jane-doe", "Jane Doe"), author("jane.doe", "Janet Doe"), author("Jane Doe", "Janice Doe")]
    posts = [post(number, creator=login) for number, login in enumerate(["jane-doe", "jane.doe", "Jane Doe"], 1)]
    for _time in range(2):
        run_import(*people, *posts)
        signed = dict(Article.objects.values_list("slug", "bylines__author__name"))
        assert signed == {"post-1": "Jane Doe", "post-2": "Janet Doe", "post-3": "Janice Doe"}
    assert Author.objects.filter(name__endswith="Doe").count() == 3
    assert not [old for old in redirects() if old.startswith("/author/")]


def test_the_page_of_an_author_stays_where_wordpress_had_it(run_import):
    run_import(author("jane.doe", "Jane Doe"), post(1, creator="jane.doe"))
    assert Author.objects.get(name="Jane Doe").get_absolute_url() == "/author/jane-doe/"
    run_import(author("J.Roe", "J Roe"), post(2, creator="J.Roe"))
    assert redirects()["/author/j-roe/"] == Author.objects.get(name="J Roe").get_absolute_url()


def test_characters_that_no_page_holds_are_left_out_however_they_are_written(run_import):
    words = {"title": "A &#x1f;title", "excerpt": "In&#2; short.", "content": "<p>Te&#3;xt</p>"}
    run_import(author("eve", "E&#1;ve"), post(7, creator="eve", **words))
    article = Article.objects.get()
    assert (article.headline, article.standfirst, article.body) == ("A title", "In short.", "<p>Text</p>")
    assert str(article.authors.get()) == "Eve"


def test_what_is_here_by_the_same_name_is_taken(run_import):
    Section.objects.create(name="Town", slug="our-town")
    Tag.objects.create(name="Sea", slug="sea")
    Author.objects.create(name="Countess Lovelace", slug="ada")
    run_import(post(7, terms=(("category", "town", "Town"), ("post_tag", "sea", "The sea"))))
    assert (Section.objects.count(), Tag.objects.count(), Author.objects.count()) == (1, 1, 1)
    assert redirects()["/?p=7"] == "/2012/01/03/post-7/"


@pytest.mark.parametrize(
    ("link", "slug", "new"),
    [
        ("https://old.example/2012/01/an-old-one/", "an-old-one", "/2012/01/03/an-old-one/"),
        ("https://old.example/archives/12", "an-old-one", "/2012/01/03/an-old-one/"),
        ("https://old.example/2012/01/03/%d0%bc%d0%be%d1%80%d0%b5/", "%d0%bc%d0%be%d1%80%d0%b5", "/2012/01/03/море/"),
        ("https://old.example/2012/01/03/a.b/", "a.b", "/2012/01/03/ab/"),
    ],
)
def test_addresses_of_another_shape_lead_on(run_import, link, slug, new):
    run_import(post(7, link=link, slug=slug))
    article = Article.objects.get()
    assert redirects()["/?p=7"] == new
    old = re.sub(r"^https://old.example", "", link).rstrip("/") + "/"
    assert redirects().get(old, new) == new
    assert f"/{article.day:%Y/%m/%d}/{article.slug}/" == new


def test_addresses_that_are_too_long_are_named(run_import):
    said = run_import(post(7, link=f"https://old.example/{'a' * 250}/"))
    assert any("longer than 200 characters" in line for line in said)


def test_a_redirect_that_an_editor_made_stays(run_import, settings):
    Redirect.objects.create(site_id=settings.SITE_ID, old_path="/?p=7", new_path="/elsewhere/")
    said = run_import(post(7))
    assert redirects()["/?p=7"] == "/elsewhere/"
    assert "note: /?p=7: already leads to /elsewhere/, not to /2012/01/03/post-7/" in said


def test_a_blog_in_a_folder_has_its_addresses_there(run_import):
    export = wxr(post(7, link="https://old.example/blog/2012/01/03/post-7/"))
    run_import(export.replace("<wp:base_blog_url>https://old.example<", "<wp:base_blog_url>https://old.example/blog<"))
    assert redirects()["/blog/2012/01/03/post-7/"] == redirects()["/blog/?p=7"] == "/2012/01/03/post-7/"


def test_links_within_the_old_site_lead_to_the_same_path_here(run_import):
    run_import(
        post(7, content='<a href="http://www.old.example/?p=3#c">there</a> <a href="https://else.example/">else</a>')
    )
    assert 'href="/?p=3#c"' in Article.objects.get().body
    assert 'href="https://else.example/"' in Article.objects.get().body
