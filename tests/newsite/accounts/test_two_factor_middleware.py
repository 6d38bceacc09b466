"""Middleware for two-factor authentication: a password alone gives no access where the second step is required."""

from concurrent.futures import ThreadPoolExecutor
from io import StringIO

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLResolver
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
import pytest

from comments.models import Comment, Note
from comments.statuses import Status
from newsite.accounts.two_factor import WrongCode, enable_two_factor, verify_code
from tests.conftest import make_comment, send
from tests.newsite.accounts.codes import KEY, code_of, with_factor

BEFORE_THE_GATE = {"login", "code", "two_factor"}
BEFORE_THE_GATE |= {"may_send", "may_send_image"}  # say by their status who is through: test_upload_permission.py
GIVEN = {
    "app_label": "comments",
    "object_id": "1",
    "pk": "1",
    "id": "1",
    "url": "anything",
    "content_type_id": "1",
    "name": "days",
    "version": "1",
}
USERS = "/admin/auth/user/"


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def addresses(patterns, before="/admin/"):
    """Yield the URLs of all admin pages, with placeholders for their arguments."""
    for each in patterns:
        route = str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, before + route)
        elif each.name not in BEFORE_THE_GATE:
            yield before + filled(route)


def filled(route):
    if route.startswith("^"):
        return "comments/"
    if route.startswith("(?P"):
        return "anything/"
    for name, value in GIVEN.items():
        for kind in ("", "path:", "int:", "str:", "slug:"):
            route = route.replace(f"<{kind}{name}>", value)
    assert "<" not in route, f"GIVEN has nothing for {route}"
    return route


@pytest.mark.parametrize("has_one", [True, False])
def test_every_page_of_the_admin_is_behind_the_gate(settings, editor, article, has_one):
    settings.STAFF_REQUIRE_2FA = not has_one
    if has_one:
        with_factor(editor)
    User.objects.update(is_superuser=True)
    comment = make_comment(article, status=Status.PENDING)
    client, walked = client_of(editor), set(addresses(admin.site.get_urls()))
    assert len(walked) > 80
    for address in walked:
        for answer in (client.get(address), client.post(address, {"action": "approve", "post": "yes", "note": "x"})):
            assert answer.status_code == 302, address
            leads_to = answer["Location"].partition("?")[0]
            assert leads_to in {"/admin/login/", "/admin/"}, address
    assert Comment.objects.get().status == comment.status
    assert not Note.objects.exists()
    assert not LogEntry.objects.exists()


def test_on_the_public_pages_they_are_nobody_either(editor, article):
    with_factor(editor)
    client = client_of(editor)
    send(client, article, name="Ada")
    assert Comment.objects.get().staff is None
    client.post("/admin/code/", {"code": code_of()})
    send(client, article, comment="From the newsroom.")
    assert Comment.objects.latest("pk").staff == editor


def test_the_public_pages_do_not_ask_who_it_is(editor, article):
    with_factor(editor)
    answers = [each.get(article.get_absolute_url()) for each in (client_of(editor), Client())]
    assert answers[0].content == answers[1].content
    assert "Cookie" not in answers[0].get("Vary", "")


@pytest.mark.parametrize("confirmed", [False, True])
def test_a_session_that_names_anothers_or_an_unconfirmed_device_is_not_let_in(editor, moderator, confirmed):
    with_factor(editor)
    device = TOTPDevice.objects.create(user=moderator if confirmed else editor, confirmed=confirmed, key=KEY)
    client = client_of(editor)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()
    assert client.get("/admin/").status_code == 302


def test_without_the_setting_a_password_is_enough_for_those_who_have_none(editor, moderator):
    with_factor(moderator)
    assert client_of(editor).get("/admin/").status_code == 200
    assert client_of(moderator).get("/admin/").status_code == 302


def test_a_device_that_was_never_confirmed_is_asked_of_nobody(editor):
    TOTPDevice.objects.create(user=editor, confirmed=False)
    assert client_of(editor).get("/admin/").status_code == 200


def test_no_page_shows_keys_or_recovery_codes(db):
    assert not {model for model in admin.site._registry if model._meta.app_label.startswith(("otp", "axes"))}


def take_away(client, *users):
    data = {"action": "reset_two_factor", "_selected_action": [user.pk for user in users]}
    return client.post(USERS, data, follow=True)


def test_a_colleague_takes_a_lost_phone_away_and_that_is_written_down(editor, moderator):
    root = User.objects.create_superuser("root")
    with_factor(editor)
    client = client_of(root)
    page = take_away(client, editor, moderator, root).text
    assert "Two-factor authentication turned off for editor." in page
    assert "There is no two-factor authentication to turn off for moderator." in page
    assert not TOTPDevice.objects.exists()
    assert not StaticDevice.objects.exists()
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_repr, entry.get_change_message()) == (
        root,
        "editor",
        "Two-factor authentication turned off.",
    )


def test_ones_own_or_that_of_whoever_may_do_more_is_not_taken_away_so(editor, moderator):
    root = User.objects.create_superuser("root")
    moderator.user_permissions.set(Permission.objects.filter(codename__in=["view_user", "change_user"]))
    for user in (root, editor, moderator):
        with_factor(user)
    client = client_of(moderator)
    client.post("/admin/code/", {"code": code_of()})
    assert (
        "There is no two-factor authentication to turn off for editor."
        in take_away(client, root, editor, moderator).text
    )
    assert TOTPDevice.objects.count() == 3


def test_who_may_not_manage_users_takes_nothing_away(editor, moderator):
    with_factor(moderator)
    assert take_away(client_of(editor), moderator).status_code == 403
    assert TOTPDevice.objects.exists()


def test_the_command_takes_it_away_when_nobody_else_can(editor):
    with_factor(editor)
    printed = StringIO()
    call_command("reset_two_factor", "editor", stdout=printed)
    call_command("reset_two_factor", "editor", stdout=printed)
    assert printed.getvalue().splitlines() == [
        "Two-factor authentication is off.",
        "Two-factor authentication was already off.",
    ]
    with pytest.raises(CommandError, match="No user has that name"):
        call_command("reset_two_factor", "nobody")


def at_once(number, work):
    def run(n):
        try:
            return work(n)
        except WrongCode:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [result for result in pool.map(run, range(number)) if result]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_one_code_at_the_same_instant_one_is_taken():
    user = User.objects.create_user("editor", is_staff=True)
    recovery, *_others = with_factor(user)
    code = code_of()
    assert len(at_once(6, lambda n: verify_code(user, code))) == 1
    assert len(at_once(6, lambda n: verify_code(user, recovery))) == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_set_up_twice_at_the_same_instant_there_is_one():
    user = User.objects.create_user("editor", is_staff=True)
    assert len(at_once(4, lambda n: enable_two_factor(user, key=f"{n:040}", code=code_of(f"{n:040}")))) == 1
    assert TOTPDevice.objects.count() == 1


def test_what_somebody_may_is_read_without_what_everybody_else_may(moderator):
    """Joining user permissions with group permissions would multiply the rows by all members."""
    own = Permission.objects.filter(content_type__app_label="flatpages")
    moderator.user_permissions.set(own)
    sql = CaptureQueriesContext(connection)
    with sql:
        assert User.objects.get(pk=moderator.pk).has_perms(["comments.moderate_comment", "flatpages.add_flatpage"])
    (query,) = (each["sql"] for each in sql if "auth_permission" in each["sql"])
    assert query.count(" IN (SELECT ") == 2
    expected = ModelBackend().get_all_permissions(User.objects.get(pk=moderator.pk))
    assert User.objects.get(pk=moderator.pk).get_all_permissions() == expected
    User.objects.filter(pk=moderator.pk).update(is_active=False)
    assert User.objects.get(pk=moderator.pk).get_all_permissions() == set()
