"""Status of an image in the admin: being processed, ready or failed."""

from __future__ import annotations

from datetime import timedelta

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from articles.images.limits import problem_message
from articles.models import Image

EXPECTED_WAIT = timedelta(minutes=2)  # the admin explains longer waits


def smallest_rendition_url(image: Image, *, at_least: int = 0) -> str:
    """Return the URL of the smallest rendition with at least this width in pixels.

    Fall back to the image file. An image that is not ready has the URL of an icon.
    """
    if not image.is_ready:
        return static("articles/waiting.svg" if image.is_waiting else "articles/failed.svg")
    for each in image.renditions.get("widths", []):
        if each["width"] >= at_least:
            return image.file.storage.url(each["webp"])
    return image.file.url


def thumbnail_url(image: Image) -> str:
    """Return a URL that articles/image_form.js requests repeatedly until the image is ready."""
    return (
        smallest_rendition_url(image) if image.is_ready else reverse("admin:articles_image_thumbnail", args=[image.pk])
    )


def image_status_html(image: Image, place: str) -> SafeString:
    """Return the status of an image that is not ready. `place` is "list" or "page"."""
    text = problem_message(image.problem) if image.has_failed else _pending_note(image)
    context = {"image": image, "place": place, "text": text}
    return mark_safe(render_to_string("admin/articles/image/_state.html", context))


def _pending_note(image: Image) -> str:
    """Return the text after “Processing…”, or an empty string."""
    due, now = image.due_at or timezone.now(), timezone.now()
    at = date_format(timezone.localtime(due), "TIME_FORMAT")
    if image.problem:
        return _("The last attempt failed. The next one is at %(time)s.") % {"time": at}
    if due < now - EXPECTED_WAIT:
        return _("Waiting since %(time)s. The background worker is busy or not running.") % {"time": at}
    return ""
