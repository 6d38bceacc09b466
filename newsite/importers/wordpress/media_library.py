"""The pictures of a WordPress site: those of its export that lie in a folder become ours."""

from __future__ import annotations

from pathlib import Path
import re
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files import File

from articles.content.sanitizer import picture_reference
from articles.content.urls import split_address
from articles.images import upload
from articles.models import Imported, Picture
from newsite.importers.html_to_text import as_line
from newsite.importers.redirects import Redirects, host_of, path_of
from newsite.importers.report import Report
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.first_pass import Attachment, Survey
from newsite.importers.wordpress.media_html import Shown, name_of, picture_html
from newsite.importers.wordpress.records import Post

LEAD = "_thumbnail_id"
ALTERNATIVE, CAPTION, CREDIT = 300, 500, 200  # characters
NAME = 80  # of those, what the report shows
_UPLOADS = re.compile(r"^.*?/(?:wp-content/uploads|files)/(?:sites/\d+/)?")
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)|-scaled(?=\.\w+$)")
_SCALED = re.compile(r"-scaled(?=\.\w+$)")
_PROXY = re.compile(r"i\d\.wp\.com")  # WordPress's own, which has the address behind its own
_STAND_IN = 1  # for a picture that a dry run does not take


class Library:
    """`take_in` first. Without a folder there are none."""

    def __init__(self, source: str, survey: Survey, folder: Path | None, report: Report, *, is_dry: bool) -> None:
        self._source, self._survey, self._report, self._is_dry = source, survey, report, is_dry
        self._folder = folder.resolve() if folder else None
        self._pictures: dict[int, Shown] = {}
        self._by_address: dict[str, int] = {}

    def take_in(self, redirects: Redirects) -> None:
        """Each as a part of its own: what was taken stays taken."""
        known = Imported.known(self._source, Imported.Kind.PICTURE, [str(each) for each in self._survey.attachments])
        for attachment in self._survey.attachments.values():
            name = _named(attachment)
            try:
                picture, fate = self._take(attachment, known.get(str(attachment.id)))
            except ValidationError as error:
                self._report.skipped("images", name, " ".join(error.messages))
                continue
            self._report.count("images", fate)
            self._by_address[self._key(attachment.address)] = attachment.id
            shown = Shown(attachment.address, _STAND_IN)
            if picture:
                shown = Shown(attachment.address, picture.pk, picture.alternative, picture.caption)
                if not self._survey.is_ours and host_of(attachment.address) == host_of(self._survey.site.address):
                    for old in _addresses_of(attachment):
                        redirects.add(old, picture.file.url)
            self._pictures[attachment.id] = shown

    def of(self, post: int) -> MediaOfPost:
        return MediaOfPost(self, post)

    def lead_of(self, post: Post, remarks: list[str]) -> Picture | None:
        number = next(iter(post.meta.get(LEAD, [])), "")
        if not number.isdecimal() or len(number) > 18:
            return None
        shown = self._pictures.get(int(number))
        if shown is None:
            remarks.append(f"its main image, {number}, is not among the available files")
        return Picture.objects.filter(pk=shown.pk).first() if shown and shown.pk else None

    def with_our_pictures(self, body: str) -> str:
        """The body of an article of ours, from an export."""

        def reference(address: str, alternative: str, caption: str) -> str:
            known = self.by_address(address)
            if known and known.pk:
                return picture_reference(known.pk, caption)
            return picture_html(Shown(address), alternative, "")

        return newsite_meta.body_from_export(body, reference)

    def shown(self, number: int) -> Shown | None:
        attachment = self._survey.attachments.get(number)
        return self._pictures.get(number) or (Shown(attachment.address) if attachment else None)

    def attached_to(self, post: int) -> list[int]:
        return self._survey.attached_to.get(post, [])

    def by_address(self, address: str) -> Shown | None:
        number = self._by_address.get(self._key(address))
        return self._pictures.get(number) if number is not None else None

    def address(self, href: str) -> str:
        """A link within the old site leads to the same path of ours, which may be a redirect."""
        host = host_of(href)
        if not host or host != host_of(self._survey.site.address):
            return href
        try:
            parts = split_address(href.strip())
        except ValueError:
            return href
        query = f"?{parts.query}" if parts.query else ""
        path = f"/{parts.path.lstrip('/')}"  # "//a.example" would lead to another host
        return f"{path}{query}{f'#{parts.fragment}' if parts.fragment else ''}"

    def _take(self, attachment: Attachment, before: Imported | None) -> tuple[Picture | None, str]:
        """The picture, None in a dry run, and whether it is new. Raises ValidationError."""
        path = self._file_of(attachment)
        if path is None:
            raise ValidationError("it is not in the folder" if self._folder else "no folder was given (--media-folder)")
        stat = path.stat()
        theirs = f"{stat.st_size}-{stat.st_mtime_ns}"
        picture = Picture.objects.filter(pk=before.object_id).first() if before else None
        if picture and before and before.theirs == theirs:
            return picture, "unchanged"
        if self._is_dry:
            return None, "new"
        with path.open("rb") as file:
            picture = upload.take(File(file, name=path.name), **self._fields_of(attachment))
        Imported.note(self._source, Imported.Kind.PICTURE, str(attachment.id), picture.pk, theirs=theirs)
        return picture, "new"

    def _fields_of(self, attachment: Attachment) -> dict[str, object]:
        """What was not described is at least named."""
        texts = {
            "alternative text": (as_line(attachment.alternative) or name_of(attachment.address), ALTERNATIVE),
            "caption": (as_line(attachment.caption), CAPTION),
            "credit": (as_line(newsite_meta.first(attachment.meta, newsite_meta.CREDIT)), CREDIT),
        }
        for what, (text, longest) in texts.items():
            if len(text) > longest:
                self._report.noted(_named(attachment), f"its {what} has more than {longest} characters: cut")
        cut = (text[:longest] for text, longest in texts.values())
        fields: dict[str, object] = dict(zip(("alternative", "caption", "credit"), cut, strict=True))
        for name, key in (("focus_x", newsite_meta.FOCUS_X), ("focus_y", newsite_meta.FOCUS_Y)):
            percent = newsite_meta.number(attachment.meta, key)
            if percent is not None and percent <= 100:
                fields[name] = percent
        return fields

    def _file_of(self, attachment: Attachment) -> Path | None:
        """Within the folder, wherever the export says that it is."""
        if self._folder is None:
            return None
        path = _path(attachment.address)
        for place in (attachment.file, _UPLOADS.sub("", path), Path(path).name):
            candidate = (self._folder / place.lstrip("/")).resolve() if place and "\x00" not in place else None
            if candidate and candidate.is_relative_to(self._folder) and candidate.is_file():
                return candidate
        return None

    def _key(self, address: str) -> str:
        """The same for all sizes of a picture, with and without encryption."""
        host, path = host_of(address), _path(address)
        if _PROXY.fullmatch(host):
            host, _slash, path = path.lstrip("/").partition("/")
            path = f"/{path}"
        return f"{host.removeprefix('www.') or host_of(self._survey.site.address)}{_SIZE.sub('', path)}"


class MediaOfPost:
    """As `newsite.importers.wordpress.html` asks for it."""

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


def _addresses_of(attachment: Attachment) -> list[str]:
    """Of a large one WordPress shows "a-scaled.jpg", and calls the smaller ones "a-300x200.jpg" all the same."""
    path = path_of(attachment.address)
    return list(dict.fromkeys([path, _SCALED.sub("", path)]))


def _named(attachment: Attachment) -> str:
    """For the report."""
    return f"image {attachment.id} “{name_of(attachment.address)[:NAME]}”"


def _path(address: str) -> str:
    try:
        return unquote(split_address(address).path)
    except ValueError:
        return ""
