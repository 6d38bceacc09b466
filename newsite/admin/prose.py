"""What every form with the article's editor needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from js_asset import Media

from articles.admin import OnThisSite


class ProseAdmin(OnThisSite):
    """Gives the article editor's import map the request's nonce; Django itself does so from 6.1 on."""

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]  # set by django-csp
        context["media"] = Media.from_media(context["media"], nonce=nonce)
        return super().render_change_form(request, context, *args, **kwargs)
