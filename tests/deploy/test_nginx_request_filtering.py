"""Request filtering: what nginx passes on to the application."""

import contextlib
from pathlib import Path
import re
import socketserver
import threading
import time
from urllib.parse import urljoin, urlsplit

import pytest

from tests.support.full_stack import wait_until
from tests.support.http_client import FORM, ask, send

NETWORK_OF_LAST = "from comments.models import Comment; print(Comment.objects.latest('pk').network)"
ADMIN = "/admin/login/"


def test_nginx_has_nothing_to_complain_of(stack):
    assert not [line for line in stack.nginx.log_text().splitlines() if "[warn]" in line or "[emerg]" in line]


def test_a_client_cannot_say_who_it_is(stack, address):
    """A hundred invented addresses count as one network; another machine counts as another one."""
    networks = set()
    for number, name in enumerate(("X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Forwarded-For")):
        spoofed = {name: f"{'for=' * (name == 'Forwarded')}203.0.{number}.7"}
        answer = send(
            stack.url,
            f"{address}comments/",
            comment=f"Number {number}.",
            name="Ada",
            headers=spoofed,
            sender="127.0.1.1",
        )
        assert answer.status == 303
        networks.add(stack.python(NETWORK_OF_LAST))
    assert len(networks) == 1
    send(stack.url, f"{address}comments/", comment="From elsewhere.", name="Bo", sender="127.0.2.1")
    assert stack.python(NETWORK_OF_LAST) not in networks
    assert stack.python("from comments.identity import hash_network; print(hash_network('127.0.1.1'))") in networks


def test_a_client_cannot_say_by_what_it_came_either(stack, address):
    """Security: a form of the same host by https, which is another site, would be trusted otherwise."""
    headers = {
        "Origin": stack.url.replace("http:", "https:"),
        "X-Forwarded-Proto": "https",
        "Content-Type": FORM["Content-Type"],
    }
    body = "comment=Hello&name=Ada"
    assert ask(stack.url, f"{address}comments/", method="POST", body=body, headers=headers).status == 403


def test_another_host_is_no_site_of_ours_and_poisons_nothing(stack, address):
    with pytest.raises(OSError, match="without response"):
        ask(stack.url, address, headers={"Host": "evil.example"})
    for name in ("X-Forwarded-Host", "X-Host", "X-Forwarded-Server", "X-Original-URL", "X-Forwarded-Proto"):
        answer = ask(stack.url, f"{address}?sort=oldest", headers={name: "evil.example"})
        assert answer.status == 200
        assert "evil.example" not in answer.text
    assert f'href="{stack.url}{address}"' in ask(stack.url, address).text  # the canonical address


def test_where_it_is_the_only_server_it_serves_no_other_host_either(stack, address):
    """Check the same on the https port."""
    listening = re.findall(r"listen (127\.0\.0\.1:[0-9]+);", (stack.folder / "site.conf").read_text())
    (other,) = {f"http://{each}" for each in listening} - {stack.url}
    assert ask(other, address, headers={"Host": "127.0.0.1"}).status == 200
    with pytest.raises(OSError, match=r"without response|reset by peer"):
        ask(other, address, headers={"Host": "evil.example"})


@pytest.mark.parametrize("path", ["//evil.example", "/%5Cevil.example", "//evil.example/..", "/.//evil.example/a"])
def test_no_address_of_ours_leads_elsewhere(stack, path):
    """Open redirects: neither an appended slash nor a `next` parameter may lead to another host."""
    for asked in (path, f"{path}/", f"/admin/login/?next={path}", f"/comments/yours/?next={path}&redirect_to={path}"):
        answer = ask(stack.url, asked)
        host = urlsplit(urljoin(stack.url, answer.headers.get("Location", "/"))).netloc
        assert host == urlsplit(stack.url).netloc
        assert answer.status < 500


def test_static_files_are_found_under_names_that_never_change_compressed(stack):
    page = ask(stack.url, "/").text
    name = re.search(r"/static/newsite/newsite\.[0-9a-f]{12}\.css", page).group()
    for encoding in ("br", "gzip"):
        answer = ask(stack.url, name, headers={"Accept-Encoding": encoding})
        assert answer.status == 200
        assert answer.headers["Content-Encoding"] == encoding
        assert answer.headers.get_all("Cache-Control") == ["public, max-age=31536000, immutable"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(stack.url, "/static/newsite/newsite.css").headers.get_all("Cache-Control") == ["no-cache"]
    assert ask(stack.url, "/static/../../etc/passwd").status in {400, 404}
    assert ask(stack.url, "/static/newsite/nothing.css").status == 404


def test_media_are_pictures_and_nothing_else(stack):
    folder = Path(stack.environment["MEDIA_ROOT"])
    for place in ("images", "uploads"):
        (folder / place).mkdir(exist_ok=True, parents=True)
        (folder / place / "page.html").write_text("<script>alert(1)</script>")
    assert ask(stack.url, "/media/uploads/page.html").status == 404
    answer = ask(stack.url, "/media/images/page.html")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_body_too_long_is_413(stack, address):
    assert ask(stack.url, f"{address}comments/", method="POST", body=b"x" * 600_000).status == 413


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/static/newsite/nothing.css", 404),
        ("/static/", 403),
        ("/static/newsite/503.html", 404),
        ("/media/nothing.jpg", 404),
        ("/media/images/nothing.jpg", 404),
        ("/media/images/", 403),
        ("/media/", 404),
        ("/nothing/", 404),
        ("/feed", 301),
        ("/admin/", 302),
    ],
)
def test_each_answer_says_once_what_browsers_shall_not_do(stack, path, status):
    assert_guarded(ask(stack.url, path), status)


def assert_guarded(answer, status):
    assert answer.status == status
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    (policy,) = answer.headers.get_all("Content-Security-Policy")
    assert "frame-ancestors 'none'" in policy or "sandbox" in policy


def test_who_sends_too_much_is_told_so_in_the_look_of_the_site(stack, address):
    answer = ask(stack.url, f"{address}comments/", method="POST", body=b"x" * 600_000)
    assert_guarded(answer, 413)
    assert "That’s too large." in answer.text
    assert "newsite.css" in answer.text
    assert "Retry-After" not in answer.headers


def test_what_is_kept_is_never_compressed_by_nginx(stack):
    for _time in range(2):
        answer = ask(stack.url, "/nothing/", headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in answer.headers


def test_a_flood_of_forms_is_stopped_before_the_application(stack, address):
    """Forged X-Forwarded-For headers do not help."""
    answers = [
        send(
            stack.url,
            f"{address}comments/",
            comment="",
            name="",
            sender="127.0.7.7",
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
        for number in range(100)
    ]
    assert_guarded(answers[-1], 429)
    assert "it’s still in the form" in answers[-1].text
    assert answers[-1].headers["Retry-After"] == "10"
    statuses = [answer.status for answer in answers]
    assert set(statuses) == {422, 429}
    assert statuses[:20] == [422] * 20
    assert ask(stack.url, address, sender="127.0.7.7").status == 200  # reading is not


def test_the_admin_is_never_kept(stack):
    for _ in range(2):
        answer = ask(stack.url, ADMIN)
        assert not answer.cache_status
        assert "no-store" in answer.headers["Cache-Control"]


@contextlib.contextmanager
def answering_once_a_connection(path):
    """Replace gunicorn by a server that closes a kept-alive connection at its second request, as in a reload."""

    class Once(socketserver.StreamRequestHandler):
        def handle(self):
            self.rfile.readline()
            while (line := self.rfile.readline().strip().lower()) != b"":
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            self.rfile.read(length)
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ntaken")
            self.rfile.read(1)

    with socketserver.ThreadingUnixStreamServer(str(path), Once) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        try:
            yield
        finally:
            server.shutdown()
            path.unlink()


@contextlib.contextmanager
def noting_headers(path):
    """Stand in for gunicorn: answer 200 and note the headers."""
    noted = []

    class Noting(socketserver.StreamRequestHandler):
        def handle(self):
            lines = []
            while line := self.rfile.readline().strip():
                lines.append(line.decode())
            noted.append(dict(line.split(": ", 1) for line in lines[1:]))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with socketserver.ThreadingUnixStreamServer(str(path), Noting) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}).start()
        try:
            yield noted
        finally:
            server.shutdown()
            path.unlink()


@pytest.mark.parametrize("path", [ADMIN, "/2026/01/02/an-article/", "/search/?q=x"])
def test_the_application_is_told_which_host_and_since_when_by_nginx_alone(stack, path):
    """The host is that of the cache key, without a port from the client."""
    stack.site.stop()
    try:
        with noting_headers(stack.gunicorn_socket) as noted:
            lies = {"Host": "127.0.0.1:99", "X-Request-Start": "1.5", "X-Forwarded-For": "203.0.113.7"}
            assert ask(stack.url, path, headers=lies).status == 200
    finally:
        stack.site.start()
    stack.wait_until_ready()
    (told,) = noted
    assert told["Host"] == "127.0.0.1"
    assert told["X-Forwarded-For"] == "127.0.0.1"
    assert 0 <= time.time() - float(told["X-Request-Start"]) < 60


@pytest.mark.parametrize("path", [ADMIN, "/2026/01/02/an-article/comments/"])
def test_what_somebody_sends_never_goes_to_a_connection_that_the_site_is_closing(stack, path):
    stack.site.stop()
    try:
        with answering_once_a_connection(stack.gunicorn_socket):
            assert [send(stack.url, path, comment="Not lost.").text for _ in range(3)] == ["taken"] * 3
    finally:
        stack.site.start()
    stack.wait_until_ready()


def test_an_article_that_was_taken_back_does_not_come_again_while_the_application_is_down(stack, address):
    assert ask(stack.url, address).status == 200
    stack.python(
        "from articles.models import Article; from django.utils import timezone\n"
        f"article = [one for one in Article.objects.all() if one.get_absolute_url() == {address!r}][0]\n"
        "article.unpublish_at = timezone.now(); article.save()"
    )
    wait_until(lambda: ask(stack.url, address).status == 404)
    stack.site.stop()
    try:
        assert ask(stack.url, address).status == 404
        time.sleep(2.2)  # longer than that is fresh
        assert ask(stack.url, address).status == 404
    finally:
        stack.site.start()
    stack.wait_until_ready()


def test_while_the_application_is_down_pages_are_shown_as_they_were_and_the_rest_is_503(stack, address):
    before = ask(stack.url, address)
    assert ask(stack.url, "/").status == 200
    stack.site.stop()
    try:
        time.sleep(2.2)  # longer than it is fresh
        down = ask(stack.url, address)
        assert (down.status, down.cache_status) == (200, "STALE")
        assert down.body == before.body
        for unknown in (f"{address}yours/", "/comments/yours/", "/nobody/asked/for/this/"):
            answer = ask(stack.url, unknown)
            assert answer.status == 503
            assert answer.headers["Retry-After"] == "10"
            assert "We’ll be back" in answer.text
            assert answer.headers["Cache-Control"] == "no-store"
        upload = ask(stack.url, ADMIN, method="POST", body=b"x" * 600_000)
        assert (upload.status, "We’ll be back" in upload.text) == (503, True)
    finally:
        stack.site.start()
    wait_until(lambda: ask(stack.url, "/readyz").status == 200)
    wait_until(lambda: ask(stack.url, address).cache_status in {"HIT", "REVALIDATED", "EXPIRED"})
