from django.core.management import call_command
from django.test import Client

from articles.models import Article, FooterLink, Image, Revision, SiteSettings
from comments.models import Comment, Conversation, Decision
from comments.statuses import Status


def counts():
    return [model.objects.count() for model in (Article, Comment, Decision, FooterLink, Image)]


def test_the_demo_is_a_living_site_which_is_loaded_once_and_can_be_changed(db, capsys):
    """Combined into one test, because loading takes seconds."""
    call_command("load_demo")
    before = counts()
    assert Article.objects.published().count() >= 8
    assert set(Comment.objects.values_list("status", flat=True)) == set(Status)
    for conversation in Conversation.objects.all():
        assert conversation.public_count == conversation.article.comments.approved().count()
    for article in Article.objects.published():
        assert Client().get(article.get_absolute_url()).status_code == 200
    assert {picture.articles.exists() or picture.body_articles.exists() for picture in Image.objects.all()} == {True}
    for address in ("/", "/about/", "/privacy/", "/house-rules/"):
        assert Client().get(address).status_code == 200
    assert "springs" in Client().get("/corrections/").text
    assert {article.state() for article in Article.objects.all()} == {"ready", "scheduled", "public"}
    assert all(version.byline_snapshot for version in Revision.objects.all())
    site = SiteSettings.current()
    site.name = "Our Own Paper"
    site.save()
    capsys.readouterr()
    call_command("load_demo")
    assert counts() == before
    assert "0 demo articles loaded." in capsys.readouterr().out
    assert SiteSettings.current().name == "Our Own Paper"
