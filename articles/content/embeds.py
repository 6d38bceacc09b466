"""Hosts of videos, audio and charts that articles may embed, and the URLs of their frames.

To allow another host, add a row to EMBED_HOSTS, and its frame to FRAME_SOURCES in newsite/conf/csp.py.
The pattern groups are inserted into both URLs, so they must match only letters, digits and similar characters.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
import re


class EmbedShape(StrEnum):
    """Shape of an embed's frame. The values are class names in the stylesheet."""

    VIDEO = "video"
    UPRIGHT = "upright"
    SOUND = "sound"
    CHART = "chart"


@dataclass(frozen=True)
class EmbedHost:
    """Host of embeds.

    `patterns` match a URL without its scheme. `address` is the template of the link that readers see, `frame` that of
    the frame that loads after a click.
    """

    name: str
    kind: EmbedShape
    patterns: tuple[str, ...]
    address: str
    frame: str


@dataclass(frozen=True)
class Embed:
    host: EmbedHost
    address: str
    frame: str


EMBED_HOSTS = [
    EmbedHost(
        "YouTube",
        EmbedShape.VIDEO,
        (
            r"(?:www\.|m\.|music\.)?youtube\.com/watch\?(?:[^#]*&)?v=(?P<id>[\w-]{11})",
            r"(?:www\.)?youtube(?:-nocookie)?\.com/(?:embed|shorts|live|v)/(?P<id>[\w-]{11})",
            r"youtu\.be/(?P<id>[\w-]{11})",
        ),
        "https://www.youtube.com/watch?v={id}",
        "https://www.youtube-nocookie.com/embed/{id}?autoplay=1",
    ),
    EmbedHost(
        "Vimeo",
        EmbedShape.VIDEO,
        (r"(?:www\.)?vimeo\.com/(?P<id>\d{1,15})", r"player\.vimeo\.com/video/(?P<id>\d{1,15})"),
        "https://vimeo.com/{id}",
        "https://player.vimeo.com/video/{id}?dnt=1&autoplay=1",
    ),
    EmbedHost(
        "Dailymotion",
        EmbedShape.VIDEO,
        (
            r"(?:www\.)?dailymotion\.com/(?:embed/)?video/(?P<id>[0-9A-Za-z]{4,20})",
            r"dai\.ly/(?P<id>[0-9A-Za-z]{4,20})",
            r"geo\.dailymotion\.com/player\.html\?video=(?P<id>[0-9A-Za-z]{4,20})",
        ),
        "https://www.dailymotion.com/video/{id}",
        "https://geo.dailymotion.com/player.html?video={id}",
    ),
    EmbedHost(
        "TikTok",
        EmbedShape.UPRIGHT,
        (r"(?:www\.)?tiktok\.com/@(?P<who>[\w.]{1,40})/video/(?P<id>\d{5,25})",),
        "https://www.tiktok.com/@{who}/video/{id}",
        "https://www.tiktok.com/player/v1/{id}",
    ),
    EmbedHost(
        "SoundCloud",
        EmbedShape.SOUND,
        (r"(?:www\.|m\.)?soundcloud\.com/(?P<who>[\w-]{1,80})/(?P<id>[\w-]{1,120})",),
        "https://soundcloud.com/{who}/{id}",
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2F{who}%2F{id}&auto_play=true",
    ),
    EmbedHost(
        "Spotify",
        EmbedShape.SOUND,
        (r"open\.spotify\.com/(?:embed/)?(?P<what>track|album|episode|show|playlist)/(?P<id>[0-9A-Za-z]{10,40})",),
        "https://open.spotify.com/{what}/{id}",
        "https://open.spotify.com/embed/{what}/{id}",
    ),
    EmbedHost(
        "Datawrapper",
        EmbedShape.CHART,
        (
            r"datawrapper\.dwcdn\.net/(?P<id>[0-9A-Za-z]{5})(?:/\d{1,4})?",
            r"www\.datawrapper\.de/_/(?P<id>[0-9A-Za-z]{5})",
        ),
        "https://datawrapper.dwcdn.net/{id}/",
        "https://datawrapper.dwcdn.net/{id}/",
    ),
]

_URL_REST = r"(?:[/?&#][^\s]*)?"  # start times, tracking parameters
_PATTERNS = [(re.compile(pattern + _URL_REST, re.ASCII), host) for host in EMBED_HOSTS for pattern in host.patterns]
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_MAX_URL_LENGTH = 500


def parse_embed(address: str) -> Embed | None:
    """Return the embed for any known URL form of a host in EMBED_HOSTS, or None for every other URL."""
    scheme = _SCHEME.match(address := address.strip())
    if scheme is None or len(address) > _MAX_URL_LENGTH:
        return None
    for pattern, host in _PATTERNS:
        if match := pattern.fullmatch(address, scheme.end()):
            return Embed(host, host.address.format(**match.groupdict()), host.frame.format(**match.groupdict()))
    return None
