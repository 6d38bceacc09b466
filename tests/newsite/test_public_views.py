from django.test import Client
import pytest

from tests.conftest import make_article

pytestmark = pytest.mark.django_db


@pytest.fixture
def behind(settings):
    """Record the paths that reach the middleware behind public pages."""
    reached.clear()
    place = settings.MIDDLEWARE.index("newsite.http.public_views.public_view_middleware") + 1
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:place], f"{__name__}.remember", *settings.MIDDLEWARE[place:]]
    return reached


reached: list[tuple[str, str]] = []


def remember(get_response):
    def middleware(request):
        reached.append((request.method, request.path))
        return get_response(request)

    return middleware


def test_a_public_page_is_answered_before_anybody_looks_for_a_session(behind):
    article = make_article().get_absolute_url()
    for address in ("/", article, f"{article}?sort=oldest", "/feed/", "/search/?q=herrings"):
        assert Client().get(address).status_code == 200
    assert Client().head(article).status_code == 200
    assert Client().get("/2026/01/01/never-was/").status_code == 404
    assert behind == []


def test_all_else_is_asked_as_ever(behind):
    article = make_article().get_absolute_url()
    assert Client().post(article).status_code == 405
    assert Client().get(f"{article}yours/").status_code == 200
    assert Client().post(f"{article}comments/", {"comment": ""}).status_code == 403  # from nowhere
    assert Client().get("/admin/login/").status_code == 200
    assert Client().get("/no%20where").status_code == 404
    assert [path for _method, path in behind] == [
        article,
        f"{article}yours/",
        f"{article}comments/",
        "/admin/login/",
        "/no where",
    ]
