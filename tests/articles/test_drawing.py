import io

from PIL import Image
import pytest

from articles import drawing
from articles.drawing import Drawing, NotDrawn
from tests.pictures import drawn, given


def picture(kind="PNG", **how):
    return given(kind=kind, image=drawn(60, 30, **how)).read()


def test_each_drawing_has_its_kind_and_its_size():
    asked = [
        Drawing("a.avif", "avif", 20, 10),
        Drawing("a.webp", "webp", 20, 10),
        Drawing("b.jpg", "jpg", 9, 9, (0, 50)),
    ]
    content = drawing.draw(picture(), asked)
    images = {name: Image.open(io.BytesIO(each)) for name, each in content.items()}
    assert {name: (image.format, image.size) for name, image in images.items()} == {
        "a.avif": ("AVIF", (20, 10)),
        "a.webp": ("WEBP", (20, 10)),
        "b.jpg": ("JPEG", (9, 9)),
    }


def test_what_is_no_picture_is_said_in_a_line():
    with pytest.raises(NotDrawn, match="cannot identify image file"):
        drawing.draw(b"no picture", [Drawing("a.webp", "webp", 20, 10)])


def test_what_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(drawing, "LONGEST", 0.01)
    with pytest.raises(NotDrawn, match="longer"):
        drawing.draw(picture(), [Drawing("a.webp", "webp", 20, 10)])


def test_a_crash_there_is_none_here(monkeypatch):
    monkeypatch.setattr(drawing.sys, "executable", "/bin/false")
    with pytest.raises(NotDrawn, match="it ended with 1"):
        drawing.draw(picture(), [Drawing("a.webp", "webp", 20, 10)])
