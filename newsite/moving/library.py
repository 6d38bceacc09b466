"""The pictures of a WordPress site: those of its export that lie in a folder become ours."""

from __future__ import annotations

from pathlib import Path
import re
from urllib.parse import unquote, urlsplit

from articles.models import Picture
from newsite.moving.addresses import host_of
from newsite.moving.report import Report
from newsite.moving.survey import Attachment, Survey
from newsite.wordpress.media import Shown
from newsite.wordpress.records import Post

LEAD = "_thumbnail_id"
_UPLOADS = re.compile(r"^.*?/(?:wp-content/uploads|files)/(?:sites/\d+/)?")
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)|-scaled(?=\.\w+$)")


class Library:
    def __init__(self, source: str, survey: Survey, folder: Path | None, report: Report) -> None:
        self._source, self._survey, self._report = source, survey, report
        self._folder = folder.resolve() if folder else None
        self._pictures: dict[int, Shown] = {}
        self._by_address: dict[str, int] = {}

    def of(self, post: int) -> MediaOfPost:
        return MediaOfPost(self, post)

    def lead_of(self, post: Post) -> Picture | None:
        number = next(iter(post.meta.get(LEAD, [])), "")
        shown = self._pictures.get(int(number)) if number.isdecimal() and len(number) < 19 else None
        return Picture.objects.filter(pk=shown.pk).first() if shown and shown.pk else None

    def with_our_pictures(self, body: str) -> str:
        return body

    def shown(self, number: int) -> Shown | None:
        attachment = self._survey.attachments.get(number)
        return self._pictures.get(number) or (Shown(attachment.address) if attachment else None)

    def attached_to(self, post: int) -> list[int]:
        return self._survey.attached_to.get(post, [])

    def by_address(self, address: str) -> Shown | None:
        number = self._by_address.get(_key(address))
        return self._pictures.get(number) if number is not None else None

    def address(self, href: str) -> str:
        """A link within the old site leads to the same path of ours, which may be a redirect."""
        if not href or host_of(href) != host_of(self._survey.site.address):
            return href
        parts = urlsplit(href)
        query = f"?{parts.query}" if parts.query else ""
        return f"{parts.path or '/'}{query}{f'#{parts.fragment}' if parts.fragment else ''}"

    def file_of(self, attachment: Attachment) -> Path | None:
        """Within the folder, wherever the export says that it is."""
        if self._folder is None:
            return None
        for place in (
            attachment.file,
            _UPLOADS.sub("", _path(attachment.address)),
            Path(_path(attachment.address)).name,
        ):
            candidate = (self._folder / place.lstrip("/")).resolve() if place and "\x00" not in place else None
            if candidate and candidate.is_relative_to(self._folder) and candidate.is_file():
                return candidate
        return None


class MediaOfPost:
    """As `newsite.wordpress.content` asks for it."""

    def __init__(self, library: Library, post: int) -> None:
        self._library, self._post = library, post

    def address(self, href: str) -> str:
        return self._library.address(href)

    def by_address(self, address: str) -> Shown | None:
        return self._library.by_address(address)

    def by_id(self, number: int) -> Shown | None:
        return self._library.shown(number)

    def of_this_post(self) -> list[int]:
        return self._library.attached_to(self._post)


def _path(address: str) -> str:
    try:
        return unquote(urlsplit(address).path)
    except ValueError:
        return ""


def _key(address: str) -> str:
    """The same for all sizes of a picture, and by whatever host it is named."""
    return _SIZE.sub("", _path(address))
