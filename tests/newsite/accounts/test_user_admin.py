from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
import pytest

from comments.models import Comment, Decision
from comments.moderation.decide import decide
from comments.statuses import Status
from tests.conftest import make_comment, make_user

USERS, GROUPS = "/admin/auth/user/", "/admin/auth/group/"
MANAGING = [f"{what}_{model}" for what in ("view", "add", "change", "delete") for model in ("user", "group")]


def logged_in(user):
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root(db):
    return User.objects.create_superuser("root", password="secret")


@pytest.fixture
def manager(moderator):
    """Create a moderator who may also manage users."""
    moderator.user_permissions.set(Permission.objects.filter(content_type__app_label="auth", codename__in=MANAGING))
    return moderator


def form(user, **fields):
    at = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    return {"username": user.username, "is_active": "on", "is_staff": "on", **at, **fields}


def test_a_manager_of_users_makes_a_moderator(manager):
    client = logged_in(manager)
    passwords = {"usable_password": "true", "password1": "long enough, is it", "password2": "long enough, is it"}
    client.post(f"{USERS}add/", {"username": "newcomer", **passwords})
    newcomer = User.objects.get(username="newcomer")
    moderators = Group.objects.get(name="Moderators")
    client.post(f"{USERS}{newcomer.pk}/change/", form(newcomer, groups=[moderators.pk]))
    assert list(User.objects.get(username="newcomer").groups.all()) == [moderators]


def test_nobody_gives_more_than_they_have(manager):
    client = logged_in(manager)
    editors = Group.objects.get(name="Editors")
    publish = Permission.objects.get(codename="publish_article")
    address = f"{USERS}{manager.pk}/change/"
    groups = list(manager.groups.values_list("pk", flat=True))
    own = list(manager.user_permissions.values_list("pk", flat=True))
    forged = {"groups": groups, "user_permissions": own, "is_superuser": "on"}
    assert client.post(address, form(manager, **forged)).status_code == 302
    assert client.post(address, form(manager, **{**forged, "groups": [editors.pk]})).status_code == 200
    assert client.post(address, form(manager, **{**forged, "user_permissions": [publish.pk]})).status_code == 200
    again = User.objects.get(pk=manager.pk)
    assert not again.is_superuser
    assert not again.has_perm("articles.publish_article")
    assert "publish" not in client.get(address).text
    client.post(f"{GROUPS}add/", {"name": "Mine", "permissions": [publish.pk]})
    assert not Group.objects.filter(name="Mine").exists()


@pytest.mark.parametrize("is_active", [True, False])
def test_nobody_manages_those_who_may_do_more(manager, root, is_active):
    client = logged_in(manager)
    other = make_user("publisher", "Editors")
    User.objects.exclude(pk=manager.pk).update(is_active=is_active)
    passwords = {"password1": "long enough, is it", "password2": "long enough, is it", "usable_password": "true"}
    for user in (root, other):
        before = User.objects.get(pk=user.pk).password
        assert client.post(f"{USERS}{user.pk}/change/", form(user)).status_code == 403
        assert client.post(f"{USERS}{user.pk}/password/", passwords).status_code == 403
        assert client.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}).status_code == 403
        assert User.objects.get(pk=user.pk).password == before
    editors = Group.objects.get(name="Editors")
    assert client.post(f"{GROUPS}{editors.pk}/change/", {"name": "Ours"}).status_code == 403
    client.post(GROUPS, {"action": "delete_selected", "_selected_action": [editors.pk], "post": "yes"})
    assert Group.objects.filter(name="Editors").exists()


def test_whoever_has_done_something_is_not_deleted_and_the_log_stays(root, moderator, editor, article):
    make_comment(article, status=Status.PENDING)
    decide(Comment.objects.get(), Status.APPROVED, actor=moderator)
    logged_in(editor).post("/admin/comments/rejectreason/add/", {"title": "Shouting", "sentence": "", "order": 9})
    client = logged_in(root)
    for user in (moderator, editor):
        page = client.post(f"{USERS}{user.pk}/delete/", {"post": "yes"}, follow=True)
        assert "who appears in the activity log" in page.text
        client.post(USERS, {"action": "delete_selected", "_selected_action": [user.pk], "post": "yes"})
        assert User.objects.filter(pk=user.pk).exists()
    assert Decision.objects.filter(actor=moderator).exists()
    assert LogEntry.objects.filter(user=editor).exists()


def test_who_has_done_nothing_is_deleted(root, reporter):
    logged_in(root).post(f"{USERS}{reporter.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=reporter.pk).exists()


def test_a_superuser_makes_superusers(root, reporter):
    editors = Group.objects.get(name="Editors")
    logged_in(root).post(f"{USERS}{reporter.pk}/change/", form(reporter, is_superuser="on", groups=[editors.pk]))
    reporter.refresh_from_db()
    assert reporter.is_superuser
    assert list(reporter.groups.all()) == [editors]
