from datetime import UTC, datetime

import pytest

from newsite.importers.disqus.parser import DisqusPost, DisqusThread, read_disqus
from newsite.importers.xml_stream import InvalidFile
from tests.support.wxr_builder import disqus, message, thread


@pytest.fixture
def records(tmp_path):
    def read_all(content):
        path = tmp_path / "disqus.xml"
        path.write_text(content)
        return list(read_disqus(path))

    return read_all


def test_threads_and_posts_are_what_the_file_says(records):
    found, opening, reply = records(
        disqus(
            thread("11", "https://old.example/2012/01/03/a/", isClosed="true"),
            message("21", "11"),
            message("22", "11", parent="21", isDeleted="true", isSpam="true"),
        )
    )
    assert found == DisqusThread(
        "11", forum="old", link="https://old.example/2012/01/03/a/", title="A title", is_closed=True
    )
    assert opening == DisqusPost(
        "21",
        "11",
        message="<p>I was there.</p>",
        at=datetime(2012, 1, 4, 10, tzinfo=UTC),
        name="Anna",
        username="anna",
        email="anna@example.org",
        address="192.0.2.7",
    )
    assert (reply.parent, reply.is_deleted, reply.is_spam) == ("21", True, True)


def test_what_is_missing_is_empty(records):
    (post,) = records(disqus('<post><message>Hi</message><thread dsq:id="11"/><createdAt>never</createdAt></post>'))
    assert post == DisqusPost("", "11", message="Hi")


def test_a_stray_character_before_the_prologue_does_not_matter(records):
    assert len(records("1" + disqus(message("21", "11")))) == 1


@pytest.mark.parametrize("content", [disqus(message("21", "11"))[:-12], "<rss/>", ""])
def test_a_broken_file_is_told(records, content):
    with pytest.raises(InvalidFile):
        records(content)
