"""The disk for media is full: uploads show an error at their field, and everything else works.

RLIMIT_FSIZE limits the file size of the workers: the system writes as much as it permits and then refuses, as a full
disk does. That needs no privileges.
"""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from pathlib import Path
import re
import resource

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from PIL import Image

from tests.support.full_stack import Stack
from tests.support.http_client import Response, ask, send
from tests.support.images import image_bytes

ROOM = 200_000  # bytes, more than the log holds
ADD = "/admin/articles/image/add/"
PICTURES = "from articles.models import Image; print(Image.objects.count())"


@contextlib.contextmanager
def full_disk(stack: Stack) -> Iterator[None]:
    assert stack.site.log.stat().st_size < ROOM
    workers = stack.workers()
    before = [resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY)) for pid in workers]
    try:
        yield
    finally:
        for pid, limits in zip(workers, before, strict=True):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)
    assert stack.workers() == workers


def give(stack: Stack, session: str, content: bytes, **fields: str) -> Response:
    """Send the form of the admin with this file."""
    form = ask(stack.url, ADD, headers={"Cookie": f"sessionid={session}"})
    cookie = next(value.partition(";")[0] for value in form.headers.get_all("Set-Cookie", []) if "csrftoken" in value)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token
    file = SimpleUploadedFile("noise.png", content, "image/png")
    body = encode_multipart(
        BOUNDARY,
        {"csrfmiddlewaretoken": token.group(1), "focal_point_x": "50", "focal_point_y": "50", "file": file, **fields},
    )
    headers = {"Cookie": f"sessionid={session}; {cookie}", "Content-Type": MULTIPART_CONTENT}
    return ask(stack.url, ADD, method="POST", body=body, headers=headers)


def test_a_full_disk_is_told_at_the_field_and_leaves_nothing_behind(stack, address, log):
    session, before = stack.session_id_for("editor"), stack.python(PICTURES)
    noise = Image.effect_noise((600, 400), 90).convert("RGB")
    content = image_bytes("PNG", noise)
    assert ROOM < len(content) < 2_000_000
    media = Path(stack.environment["MEDIA_ROOT"])
    files = {path for path in media.rglob("*") if path.is_file()}
    with full_disk(stack):
        refused = give(stack, session, content, alt_text="Noise in a box")
        assert refused.status == 200
        assert "We couldn’t save this file" in refused.text
        assert 'value="Noise in a box"' in refused.text
        assert {path for path in media.rglob("*") if path.is_file()} == files
        assert stack.python(PICTURES) == before
        assert ask(stack.url, address).status == 200
        post = send(stack.url, f"{address}comments/", comment="All the same.", name="Ada", sender="127.6.0.1")
        assert post.status == 303
        assert "All the same." in stack.python(
            "from comments.models import Comment; print(Comment.objects.latest('pk').text)"
        )
    assert log().count("An image could not be stored: [Errno 27] File too large") == 1
    assert "Traceback" not in log()
    taken = give(stack, session, content, alt_text="Noise in a box")
    assert taken.status == 302
    assert int(stack.python(PICTURES)) == int(before) + 1
