from urllib.parse import urlsplit

from hypothesis import given
from hypothesis import strategies as st
import pytest

from articles.content.embeds import EMBED_HOSTS, parse_embed
from newsite.conf.csp import FRAME_SOURCES

KNOWN = {
    "https://www.youtube.com/watch?v=abc-_fghijk": "https://www.youtube.com/watch?v=abc-_fghijk",
    "http://youtube.com/watch?list=x&v=abcdefghijk&t=10s": "https://www.youtube.com/watch?v=abcdefghijk",
    "https://youtu.be/abcdefghijk?si=tracking": "https://www.youtube.com/watch?v=abcdefghijk",
    "https://www.youtube-nocookie.com/embed/abcdefghijk?rel=0": "https://www.youtube.com/watch?v=abcdefghijk",
    "https://www.youtube.com/shorts/abcdefghijk": "https://www.youtube.com/watch?v=abcdefghijk",
    "https://vimeo.com/76979871": "https://vimeo.com/76979871",
    "https://player.vimeo.com/video/76979871?h=1": "https://vimeo.com/76979871",
    "https://dai.ly/x7tgad0": "https://www.dailymotion.com/video/x7tgad0",
    "https://www.tiktok.com/@scout2015/video/6718335390845095173": "https://www.tiktok.com/@scout2015/video/6718335390845095173",
    "https://soundcloud.com/some-one/a-song": "https://soundcloud.com/some-one/a-song",
    "https://open.spotify.com/episode/512ojhOuo1ktJprKbVcKyQ?si=x": "https://open.spotify.com/episode/512ojhOuo1ktJprKbVcKyQ",
    "https://datawrapper.dwcdn.net/AbC12/3/": "https://datawrapper.dwcdn.net/AbC12/",
}


@pytest.mark.parametrize(("given_as", "address"), KNOWN.items())
def test_a_listed_host_is_known_however_its_address_is_written(given_as, address):
    embed = parse_embed(given_as)
    assert embed is not None
    assert embed.address == address
    assert parse_embed(embed.address) == embed


def test_the_policy_allows_the_frames_of_these_hosts_and_no_others():
    assert set(FRAME_SOURCES) == {f"https://{urlsplit(host.frame).hostname}" for host in EMBED_HOSTS}


def test_every_host_is_tried_here():
    assert {parse_embed(address).host for address in KNOWN} == set(EMBED_HOSTS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://example.org/watch?v=abcdefghijk",
        "https://www.youtube.com.evil.example/watch?v=abcdefghijk",
        "https://evil.example/https://www.youtube.com/watch?v=abcdefghijk",
        "https://www.youtube.com@evil.example/watch?v=abcdefghijk",
        "javascript://www.youtube.com/watch?v=abcdefghijk",
        "//www.youtube.com/watch?v=abcdefghijk",
        "https://www.youtube.com/watch?v=short",
        "https://www.youtube.com/watch?v=abcdefghijk" + "x" * 500,
        "https://vimeo.com/76979871 onload=x",
        "https://vimeo.com/٣٤٥",
    ],
)
def test_everything_else_is_not(address):
    assert parse_embed(address) is None


@given(st.text(alphabet="htps:/w.youtbecm?v=&abcdefghijk\"'<>% \n#", max_size=80))
def test_nothing_gets_out_of_an_address(text):
    for start in ("https://youtu.be/abcdefghijk", "https://vimeo.com/1", "https://soundcloud.com/a/b"):
        if embed := parse_embed(start + text):
            assert not set("\"'<> \n") & set(embed.address + embed.frame)
