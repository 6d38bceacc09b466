from datetime import UTC, datetime
import subprocess
import sys

import pytest

from newsite.importers import xml_stream
from newsite.importers.wordpress import parser
from newsite.importers.wordpress.parser import read_wordpress
from newsite.importers.wordpress.records import (
    LocalAndUtc,
    WordPressAuthor,
    WordPressCategory,
    WordPressComment,
    WordPressPost,
    WordPressSite,
)
from newsite.importers.xml_stream import InvalidFile
from tests.support.wxr_builder import author, category, comment, post, wxr


@pytest.fixture
def kept(tmp_path):
    """Return a function that reads an export; `fault` is the error that stopped it."""

    class Kept:
        fault = ""

        def __call__(self, content, **options):
            path = tmp_path / "export.xml"
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
            self.records = []
            try:
                self.records.extend(self._each(path, **options))
            except InvalidFile as error:
                self.fault = str(error).replace(str(tmp_path), "")
            return self.records

        def _each(self, path, **options):
            for record in read_wordpress(path, **options):
                self.records.append(record)
            return []

        def ids(self, kind):
            return [record.id for record in self.records if isinstance(record, kind)]

    return Kept()


def test_posts_come_with_their_comments_right_behind_them(kept):
    records = kept(wxr(author(), category("town", "Town", id=3), post(7, comment(1), comment(2, parent=1)), post(8)))
    assert records[:3] == [
        WordPressSite("The Old Paper", "https://old.example", "en-GB"),
        WordPressAuthor("ada", "Ada Lovelace"),
        WordPressCategory(3, "town", "Town"),
    ]
    assert [(type(each), each.id) for each in records[3:]] == [
        (WordPressPost, 7),
        (WordPressComment, 1),
        (WordPressComment, 2),
        (WordPressPost, 8),
    ]
    assert (records[4].post, records[5].post, records[5].parent) == (7, 7, 1)
    assert not kept.fault


def test_a_post_is_what_the_file_says(kept):
    (_site, read_post) = kept(
        wxr(post(7, title="A & B", excerpt="Short.", is_sticky=1, post_password="x", meta={"_thumbnail_id": "9"}))
    )
    assert (read_post.title, read_post.content, read_post.excerpt) == ("A & B", "<p>Some text.</p>", "Short.")
    assert (read_post.slug, read_post.creator, read_post.is_sticky, read_post.password) == ("post-7", "ada", True, "x")
    assert read_post.at == LocalAndUtc(datetime(2012, 1, 3, 17, 11, 37), datetime(2012, 1, 3, 17, 11, 37, tzinfo=UTC))
    assert read_post.terms == (("category", "town", "Town"),)
    assert read_post.meta == {"_thumbnail_id": ["9"]}


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_every_version_is_read_by_either_namespace(kept, version, scheme):
    export = wxr(post(7, comment(1)), version=version)
    kept(export.replace("http://wordpress.org", f"{scheme}://wordpress.org"))
    assert kept.ids(WordPressPost) == [7]
    assert kept.records[-1].content == "I was there."


def test_a_title_in_a_strangers_namespace_is_not_the_title(kept):
    strange = '<media:title xmlns:media="http://search.yahoo.com/mrss/">Not this one</media:title>'
    assert kept(wxr(post(7).replace("<item>", f"<item>{strange}")))[-1].title == "A title"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("0000-00-00 00:00:00", None),
        ("2012-13-45 10:00:00", None),
        ("yesterday", None),
        ("0001-01-01 00:00:00", None),
        ("1901-02-03 04:05:06", datetime(1901, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2099-12-31 23:59:59", datetime(2099, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)
def test_dates_are_those_of_our_time_or_none(kept, text, at):
    assert kept(wxr(post(7, gmt=text)))[-1].at.utc == at


def test_without_a_time_in_utc_that_of_the_feed_is_taken(kept):
    item = post(7, gmt="0000-00-00 00:00:00")
    stamped = item.replace("<item>", "<item><pubDate>Tue, 03 Jan 2012 19:11:37 +0200</pubDate>")
    assert kept(wxr(stamped))[-1].at.utc == datetime(2012, 1, 3, 17, 11, 37, tzinfo=UTC)
    zero = item.replace("<item>", "<item><pubDate>Mon, 30 Nov -0001 00:00:00 +0000</pubDate>")
    assert kept(wxr(zero))[-1].at.utc is None


WARNING = "<br />\n<b>Warning</b>:  Undefined array key 1 in <b>/var/www/export.php</b> on line <b>3</b><br />\n"


@pytest.mark.parametrize("stray", ["\ufeff", "\n\n", "1", "  \r\n", "ï»¿", WARNING, f"\ufeff{WARNING * 100}"])
def test_what_stands_before_the_prologue_does_not_matter(kept, stray):
    kept(stray + wxr(post(7)))
    assert (kept.ids(WordPressPost), kept.fault) == ([7], "")


def test_without_a_prologue_it_is_read_and_lines_are_counted_all_the_same(kept):
    kept(WARNING + wxr(post(7), "</item>").partition("?>\n")[2])
    assert kept.ids(WordPressPost) == [7]
    assert kept.fault.startswith("/export.xml, line 33,")


def test_utf_16_is_read_as_well(kept):
    kept(wxr(post(7, title="Größe")).replace("UTF-8", "UTF-16").encode("utf-16"))
    assert (kept.records[-1].title, kept.fault) == ("Größe", "")


def test_control_characters_that_xml_forbids_are_left_out(kept):
    kept(wxr(post(7, title="A\x08B\x0b")))
    assert (kept.records[-1].title, kept.fault) == ("AB", "")


BOMB = '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE rss [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("declared", [BOMB, OUTSIDE, '<!DOCTYPE rss [<!ENTITY % a SYSTEM "http://a.example/x"> %a;]>'])
def test_entities_are_refused(kept, declared):
    kept(wxr(post(7, title="&a;")).replace("<rss", f"{declared}\n<rss", 1))
    assert kept.ids(WordPressPost) == []
    assert "/export.xml, line 2" in kept.fault
    assert "declares entities" in kept.fault


def test_a_truncated_file_gives_what_was_whole_and_says_where_it_ends(kept):
    whole = wxr(post(7, comment(1)), post(8, comment(2), comment(3)))
    kept(whole[: whole.index("</item>", whole.index("</item>") + 1)])
    assert (kept.ids(WordPressPost), kept.ids(WordPressComment)) == ([7], [1])
    assert kept.fault == f"/export.xml, line {whole.count(chr(10)) - 2}, column 1: the file is incomplete."


def test_another_encoding_than_declared_is_told_with_its_place(kept):
    kept(wxr(post(7)).encode().replace(b"</channel>", post(8, title="Größe").encode("latin-1") + b"</channel>"))
    assert kept.ids(WordPressPost) == [7]
    assert "line 33, column 10: not well-formed; it may not be in the encoding it declares." in kept.fault


def test_an_encoding_that_nobody_knows_is_told(kept):
    kept(wxr(post(7)).replace("UTF-8", "klingon"))
    assert "encoding" in kept.fault


@pytest.mark.parametrize("content", ["", "   ", "no XML at all", "<rss>"])
def test_what_is_no_export_is_told(kept, content):
    kept(content)
    assert "line 1" in kept.fault


def test_a_file_of_another_kind_is_told(kept):
    kept("<html><body>Login</body></html>")
    assert kept.fault == "/export.xml is a different kind of file: it begins with <html> instead of <rss>."


def test_a_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(InvalidFile, match="could not be read: No such file"):
        list(read_wordpress(tmp_path / "nowhere.xml"))


def test_elements_within_each_other_without_end_are_refused(kept):
    kept(wxr(post(7), "<item>" + "<a>" * 200))
    assert kept.ids(WordPressPost) == [7]
    assert "more than 100 nested elements" in kept.fault


def test_an_element_without_end_is_refused(kept, monkeypatch):
    monkeypatch.setattr(xml_stream, "MAX_ELEMENT_LENGTH", 100_000)
    kept(wxr(post(7), post(8, content="x" * 200_000)))
    assert kept.ids(WordPressPost) == [7]
    assert "an element larger than" in kept.fault


def test_many_comments_come_before_their_post_has_ended(kept, monkeypatch):
    monkeypatch.setattr(parser, "MAX_BUFFERED_COMMENTS", 3)
    kept(wxr(post(7, *(comment(number) for number in range(1, 9))), post(8, comment(9))))
    assert [record.id for record in kept.records[1:]] == [7, *range(1, 9), 8, 9]
    assert [record.post for record in kept.records if isinstance(record, WordPressComment)] == [7] * 8 + [8]


def test_it_tells_how_far_it_is(kept):
    told = []
    content = wxr(*(post(number) for number in range(100)))
    kept(content, on_progress=told.append)
    assert told[-1] == len(content.encode())
    assert len(told) > 1


def test_a_large_file_takes_little_memory(tmp_path):
    path = tmp_path / "large.xml"
    items = [post(number, *(comment(number * 10 + n, "word " * 100) for n in range(9))) for number in range(1, 100)]
    head, _, tail = wxr("@").partition("@")
    with path.open("w") as file:
        file.write(head)
        for _ in range(15):  # some 12 MB
            file.write("".join(items))
        file.write(tail)
    code = (
        "import sys; from pathlib import Path; from newsite.importers.wordpress.parser import read_wordpress\n"
        "print(sum(1 for _ in read_wordpress(Path(sys.argv[1]))))\n"
        "print(Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    records, kilobytes = map(int, done.stdout.split())
    assert records == 1 + 15 * 99 * 10
    assert kilobytes < 40 * 1024


def test_the_real_export_is_read_whole(wordpress_export):
    text = wordpress_export.read_text()
    records = list(read_wordpress(wordpress_export))
    assert sum(isinstance(each, WordPressPost) for each in records) == text.count("<item>")
    assert sum(isinstance(each, WordPressComment) for each in records) == text.count("<wp:comment>")
