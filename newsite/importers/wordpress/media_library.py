"""Images of a WordPress site: those of the export whose files are in a folder are imported."""

from __future__ import annotations

from pathlib import Path
import re
from urllib.parse import unquote

from django.core.exceptions import ValidationError
from django.core.files import File

from articles.content.sanitizer import image_reference
from articles.content.urls import split_url
from articles.images import upload
from articles.models import Image, ImportRecord
from newsite.importers.html_to_text import html_to_line
from newsite.importers.redirects import Redirects, url_host, url_path
from newsite.importers.report import Report
from newsite.importers.wordpress import newsite_meta
from newsite.importers.wordpress.first_pass import Attachment, ExportIndex
from newsite.importers.wordpress.media_html import SourceImage, file_name, image_or_link_html
from newsite.importers.wordpress.records import WordPressPost

LEAD_IMAGE_KEY = "_thumbnail_id"
MAX_ALT_TEXT_LENGTH, MAX_CAPTION_LENGTH, MAX_CREDIT_LENGTH = 300, 500, 200
MAX_REPORTED_NAME_LENGTH = 80  # characters in the report
_UPLOADS = re.compile(r"^.*?/(?:wp-content/uploads|files)/(?:sites/\d+/)?")
_SIZE = re.compile(r"-\d+x\d+(?=\.\w+$)|-scaled(?=\.\w+$)")
_SCALED = re.compile(r"-scaled(?=\.\w+$)")
_PROXY = re.compile(r"i\d\.wp\.com")  # proxy of WordPress, whose path contains the original address
_DRY_RUN_PK = 1  # stands for an image that a dry run does not store


class MediaLibrary:
    """Images of an export; call `import_images` first. Without a folder it is empty."""

    def __init__(self, source: str, index: ExportIndex, folder: Path | None, report: Report, *, is_dry: bool) -> None:
        self._source, self._index, self._report, self._is_dry = source, index, report, is_dry
        self._folder = folder.resolve() if folder else None
        self._images: dict[int, SourceImage] = {}
        self._by_address: dict[str, int] = {}

    def import_images(self, redirects: Redirects) -> None:
        """Import each image in its own transaction, so that imported images are kept after an interruption."""
        records = ImportRecord.find_many(
            self._source, ImportRecord.Kind.IMAGE, [str(each) for each in self._index.attachments]
        )
        for attachment in self._index.attachments.values():
            description = _describe(attachment)
            try:
                image, outcome = self._import_image(attachment, records.get(str(attachment.id)))
            except ValidationError as error:
                self._report.add_skipped("images", description, " ".join(error.messages))
                continue
            self._report.count("images", outcome)
            self._by_address[self._address_key(attachment.address)] = attachment.id
            source_image = SourceImage(attachment.address, _DRY_RUN_PK)
            if image:
                source_image = SourceImage(attachment.address, image.pk, image.alt_text, image.caption)
                if not self._index.is_newsite_export and url_host(attachment.address) == url_host(
                    self._index.site.address
                ):
                    for old in _old_paths(attachment):
                        redirects.add(old, image.file.url)
            self._images[attachment.id] = source_image

    def for_post(self, post_id: int) -> PostMedia:
        return PostMedia(self, post_id)

    def lead_image_of(self, post: WordPressPost, remarks: list[str]) -> Image | None:
        image_id = next(iter(post.meta.get(LEAD_IMAGE_KEY, [])), "")
        if not image_id.isdecimal() or len(image_id) > 18:
            return None
        source_image = self._images.get(int(image_id))
        if source_image is None:
            remarks.append(f"its main image, {image_id}, is not among the available files")
        return Image.objects.filter(pk=source_image.pk).first() if source_image and source_image.pk else None

    def restore_images(self, body: str) -> str:
        """Return the body of an article in an export of this software, with references to images."""

        def reference(address: str, alt_text: str, caption: str) -> str:
            image = self.by_address(address)
            if image and image.pk:
                return image_reference(image.pk, caption)
            return image_or_link_html(SourceImage(address), alt_text, "")

        return newsite_meta.body_from_export(body, reference)

    def by_id(self, number: int) -> SourceImage | None:
        attachment = self._index.attachments.get(number)
        return self._images.get(number) or (SourceImage(attachment.address) if attachment else None)

    def attached_to(self, post: int) -> list[int]:
        return self._index.attached_to.get(post, [])

    def by_address(self, address: str) -> SourceImage | None:
        number = self._by_address.get(self._address_key(address))
        return self._images.get(number) if number is not None else None

    def address(self, href: str) -> str:
        """Return a link within the old site as a path on this site, where there may be a redirect."""
        host = url_host(href)
        if not host or host != url_host(self._index.site.address):
            return href
        try:
            parts = split_url(href.strip())
        except ValueError:
            return href
        query = f"?{parts.query}" if parts.query else ""
        path = f"/{parts.path.lstrip('/')}"  # "//a.example" would lead to another host
        return f"{path}{query}{f'#{parts.fragment}' if parts.fragment else ''}"

    def _import_image(self, attachment: Attachment, record: ImportRecord | None) -> tuple[Image | None, str]:
        """Return the image (None in a dry run) and the outcome for the report.

        Raise ValidationError if the file is missing or invalid.
        """
        path = self._find_file(attachment)
        if path is None:
            raise ValidationError("it is not in the folder" if self._folder else "no folder was given (--media-folder)")
        stat = path.stat()
        source_hash = f"{stat.st_size}-{stat.st_mtime_ns}"
        image = Image.objects.filter(pk=record.object_id).first() if record else None
        if image and record and record.source_hash == source_hash:
            return image, "unchanged"
        if self._is_dry:
            return None, "new"
        with path.open("rb") as file:
            image = upload.get_or_create_image(File(file, name=path.name), **self._image_fields(attachment))
        ImportRecord.remember(
            self._source, ImportRecord.Kind.IMAGE, str(attachment.id), image.pk, source_hash=source_hash
        )
        return image, "new"

    def _image_fields(self, attachment: Attachment) -> dict[str, object]:
        """Return the fields of the image; without an alt text, its file name."""
        texts = {
            "alternative text": (
                html_to_line(attachment.alt_text) or file_name(attachment.address),
                MAX_ALT_TEXT_LENGTH,
            ),
            "caption": (html_to_line(attachment.caption), MAX_CAPTION_LENGTH),
            "credit": (html_to_line(newsite_meta.first_value(attachment.meta, newsite_meta.CREDIT)), MAX_CREDIT_LENGTH),
        }
        for field, (text, max_length) in texts.items():
            if len(text) > max_length:
                self._report.add_note(_describe(attachment), f"its {field} has more than {max_length} characters: cut")
        truncated = (text[:max_length] for text, max_length in texts.values())
        fields: dict[str, object] = dict(zip(("alt_text", "caption", "credit"), truncated, strict=True))
        for name, key in (("focal_point_x", newsite_meta.FOCUS_X), ("focal_point_y", newsite_meta.FOCUS_Y)):
            percent = newsite_meta.parse_number(attachment.meta, key)
            if percent is not None and percent <= 100:
                fields[name] = percent
        return fields

    def _find_file(self, attachment: Attachment) -> Path | None:
        """Return the path of the file, or None unless it is within the folder."""
        if self._folder is None:
            return None
        path = _decoded_path(attachment.address)
        for relative_path in (attachment.file, _UPLOADS.sub("", path), Path(path).name):
            candidate = (
                (self._folder / relative_path.lstrip("/")).resolve()
                if relative_path and "\x00" not in relative_path
                else None
            )
            if candidate and candidate.is_relative_to(self._folder) and candidate.is_file():
                return candidate
        return None

    def _address_key(self, address: str) -> str:
        """Return the same key for all sizes of an image, and for http and https."""
        host, path = url_host(address), _decoded_path(address)
        if _PROXY.fullmatch(host):
            host, _slash, path = path.lstrip("/").partition("/")
            path = f"/{path}"
        return f"{host.removeprefix('www.') or url_host(self._index.site.address)}{_SIZE.sub('', path)}"


class PostMedia:
    """Implementation of `Media` for one post."""

    def __init__(self, library: MediaLibrary, post: int) -> None:
        self._library, self._post = library, post

    def address(self, href: str) -> str:
        return self._library.address(href)

    def by_address(self, address: str) -> SourceImage | None:
        return self._library.by_address(address)

    def by_id(self, number: int) -> SourceImage | None:
        return self._library.by_id(number)

    def attached_ids(self) -> list[int]:
        return self._library.attached_to(self._post)


def _old_paths(attachment: Attachment) -> list[str]:
    """Return the addresses of an image: WordPress shows a large one as "a-scaled.jpg", with sizes "a-300x200.jpg"."""
    path = url_path(attachment.address)
    return list(dict.fromkeys([path, _SCALED.sub("", path)]))


def _describe(attachment: Attachment) -> str:
    """Return the name of the image for the report."""
    return f"image {attachment.id} “{file_name(attachment.address)[:MAX_REPORTED_NAME_LENGTH]}”"


def _decoded_path(address: str) -> str:
    try:
        return unquote(split_url(address).path)
    except ValueError:
        return ""
