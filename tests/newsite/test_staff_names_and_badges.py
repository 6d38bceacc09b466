"""Staff names and badges: who may use a name, and who gets a badge."""

from django.contrib.auth.models import User
from django.test import Client
import pytest

from articles.models import Author, SiteSettings
from comments.models import Comment, SitePolicy
from comments.statuses import Status
from tests.conftest import established_client, make_article, make_comment, make_user, send, trusted_client

KEPT = "That name is reserved for our staff."


@pytest.fixture
def staff(db):
    user = make_user("wanda", "Moderators")
    user.first_name, user.last_name = "Wanda", "Norling"
    user.save()
    return user


def comment_of(client, article, **fields):
    assert send(client, article, **fields).status_code == 303
    return Comment.objects.latest("pk")


@pytest.mark.parametrize(
    "name",
    [
        *["Wanda Norling", "wanda  norling", "Wаndа Norling", "W\u200banda Norling", "Wanda N0rling"],
        *["— Wanda Norling —", "Wanda·Norling™", "Wanda Nørling", "ᴡᴀɴᴅᴀ ɴᴏʀʟɪɴɢ"],
    ],
)
def test_a_guest_cannot_write_under_a_name_of_staff_or_what_looks_like_it(article, staff, name):
    response = send(Client(), article, name=name, comment="I speak for the paper.")
    assert response.status_code == 422
    assert KEPT in response.text
    assert "I speak for the paper." in response.text
    assert not Comment.objects.exists()


def test_nor_under_that_of_the_site_of_an_author_or_of_the_list(article, settings):
    settings.SITE_NAME = "The Gazette"
    SiteSettings(pk=1, name="Harbour Post").save()
    Author.objects.create(name="Jonas Berg", slug="jonas")
    SitePolicy(reserved_names="Legal team\n\n  Night desk ").save()
    for name in ("the gazette", "Hаrbour Post", "JONAS BERG", "Legal Team", "night desk"):
        assert KEPT in send(Client(), article, name=name).text, name
    for name in ("Gazette", "Harbour", "Jonas", "Moderator"):  # the editors took the last one from the list
        assert send(Client(), article, name=name).status_code == 303, name


def test_who_has_left_frees_the_name(article, staff):
    User.objects.update(is_active=False)
    assert send(Client(), article, name="Wanda Norling").status_code == 303


def test_staff_who_are_logged_in_write_under_their_own_name_with_a_badge_at_once(article, staff):
    client = Client()
    client.force_login(staff)
    comment = comment_of(client, article, name="Somebody Else")
    assert (comment.name, comment.staff, comment.status) == ("Wanda Norling", staff, Status.APPROVED)
    assert '<span class="badge">Staff</span>' in Client().get(article.get_absolute_url()).text


def test_staff_need_no_name_and_a_very_long_one_fits(article, staff):
    User.objects.update(first_name="W" * 150)
    client = Client()
    client.force_login(staff)
    assert comment_of(client, article, name="").name == "W" * 60


def test_a_user_who_is_not_staff_is_a_guest(article):
    client = Client()
    client.force_login(User.objects.create_user("reader"))
    comment = comment_of(client, article, name="Ada")
    assert (comment.name, comment.staff, comment.status) == ("Ada", None, Status.PENDING)


def test_no_field_of_the_form_makes_anybody_staff(article, staff):
    comment = comment_of(Client(), article, staff=staff.pk, staff_id=staff.pk, is_staff="1")
    assert comment.staff is None


def test_a_post_from_another_site_does_not_speak_for_staff(article, staff):
    client = Client()
    client.force_login(staff)
    response = send(client, article, headers={"Sec-Fetch-Site": "cross-site", "Origin": "null"})
    assert response.status_code == 403
    assert not Comment.objects.exists()


def test_a_name_that_somebody_has_made_their_own_is_held_from_another_device(article):
    for _ in range(3):
        make_comment(make_article(), name="Herring Fan", device="theirs")
    stranger, owner = trusted_client(make_article()), established_client()
    comment = comment_of(stranger, article, name="HERRING·FAN™", comment="It is me!")
    assert comment.status == Status.PENDING
    assert comment.decisions.get().findings[0]["rule"] == "comments.rules.builtin.name_is_of_another"
    Comment.objects.filter(device="theirs").update(device=Comment.objects.earliest("pk").device)
    Comment.objects.filter(name="Herring Fan").update(device=device_of(owner))
    assert comment_of(owner, article, name="Herring Fan", comment="No, me!").status == Status.APPROVED


def test_a_name_is_nobodys_before_three_approved_comments_of_one_device(article):
    make_comment(make_article(), name="Ada", device="a")
    for _ in range(2):
        make_comment(make_article(), name="Ada", device="b")
        make_comment(make_article(), name="Ada", device="c", status=Status.REJECTED)
        make_comment(make_article(), name="Ada", device="")
    assert comment_of(trusted_client(make_article()), article, name="Ada").status == Status.APPROVED


def device_of(client):
    return client.cookies["device"].value.partition(":")[0]
