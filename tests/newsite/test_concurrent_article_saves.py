"""Two editors save at the same time, through real connections."""

from django.http import QueryDict
import pytest

from articles.editing import acquire_edit_lock, save_autosave
from articles.models import Article, Autosave, EditLock, Revision
from tests.comments.test_concurrency import at_once
from tests.conftest import make_article, make_comment, make_user, send
from tests.newsite.test_article_admin import LIST, form, logged_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def test_of_two_saves_at_once_one_is_stopped_and_sees_the_other():
    article = make_article(published_at=None)
    clients = [logged_in(make_user(f"reporter-{number}", "Reporters")) for number in range(4)]
    address, data = f"{LIST}{article.pk}/change/", form(article)
    answers = at_once(
        [
            lambda client=client, number=number: client.post(address, {**data, "headline": f"Number {number}."})
            for number, client in enumerate(clients)
        ]
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 302]
    assert Revision.objects.filter(id=article.pk).count() == 2
    saved = Article.objects.get(pk=article.pk).headline
    assert all(saved.replace("Number ", "") in answer.text for answer in answers if answer.status_code == 200)


def test_of_many_who_open_an_article_at_once_one_has_it():
    article = make_article()
    people = [make_user(f"reporter-{number}", "Reporters") for number in range(4)]
    held = at_once([lambda user=user: acquire_edit_lock(article.pk, user) for user in people])
    assert held.count(None) == 1
    assert EditLock.objects.count() == 1


def test_two_windows_of_one_person_keep_one_draft():
    user = make_user("reporter", "Reporters")
    at_once([lambda text=text: save_autosave(user, None, QueryDict(f"headline={text}")) for text in "abcd"])
    assert Autosave.objects.count() == 1


def test_readers_who_comment_while_an_editor_saves_are_in_nobodys_way():
    article = make_article()
    make_comment(article)
    editor = logged_in(make_user("editor", "Editors"))
    at = {
        "published_at_0": f"{article.published_at:%Y-%m-%d}",
        "published_at_1": f"{article.published_at:%H:%M:%S}",
    }
    data = form(article, slug=article.slug, **at)
    tasks = [lambda: editor.post(f"{LIST}{article.pk}/change/", data)]
    readers = [logged_in(make_user(f"moderator-{number}", "Moderators")) for number in range(3)]
    tasks += [lambda reader=reader: send(reader, article, comment=f"{reader} here") for reader in readers]
    assert [answer.status_code for answer in at_once(tasks)] == [302, 303, 303, 303]
