"""Image files, served with headers that prevent any other use.

A web server with access to MEDIA_ROOT serves them itself. For images in a bucket, this view fetches each file once
per cache in front of it.
"""

from __future__ import annotations

import logging

from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _

from newsite.http.decorators import public_view
from newsite.pages.errors import plain_page
from newsite.pages.service_unavailable import RETRY_AFTER_SECONDS

CONTENT_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "avif": "image/avif"}
IMMUTABLE_CACHE_CONTROL = "public, max-age=31536000, immutable"  # another image has another name


logger = logging.getLogger(__name__)


class ImagePath:
    """Path converter for the names that articles/images/upload.py and articles/images/renditions.py write."""

    regex = r"images/[0-9]{4}/[0-9]{2}/[0-9a-f]{64}[-_0-9A-Za-z]{0,40}\.(?:jpg|png|webp|avif)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


@public_view
def serve_image(request: HttpRequest, name: str) -> HttpResponseBase:
    etag = f'"{name}"'
    response: HttpResponseBase | None = get_conditional_response(request, etag=etag)
    if response is None:
        try:
            file = default_storage.open(name)
        except FileNotFoundError as error:
            raise Http404 from error
        except OSError as error:
            logger.error("An image could not be read: %s", error)
            response = plain_page(503, _("This image is unavailable."), _("Please try again in a moment."))
            response["Retry-After"] = str(RETRY_AFTER_SECONDS)
            response._has_been_logged = True  # type: ignore[attr-defined]  # prevent a second log entry by Django
            return response
        response = FileResponse(file, content_type=CONTENT_TYPES[name.rpartition(".")[2]])
    response["ETag"] = etag
    response["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
