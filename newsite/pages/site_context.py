"""Masthead, footer and site settings, which every page shows; cached by the version of the site settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models.expressions import Combinable
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject

from articles.models import Section, SiteSettings
from newsite.http.page_cache import get_or_build


@dataclass(frozen=True)
class SiteContext:
    version: int
    name: str
    tagline: str
    house_rules_url: str
    privacy_url: str
    masthead: str
    footer: str
    site_url: str = settings.SITE_URL


def site_settings_version() -> Combinable:
    """Return an expression for the version of the site settings, to select in the query of the page."""
    return SiteSettings.value("version")


def site_context(version: int) -> SiteContext:
    return SiteContext(**get_or_build(("site", version), lambda: vars(_make(version))))


def current_site_context() -> SiteContext:
    return site_context(SiteSettings.current().version)


def context_processor(request: HttpRequest) -> dict[str, Any]:
    """Return the site for templates that get none from their view, without a query until it is used."""
    return {"site": SimpleLazyObject(current_site_context)}


def _make(version: int) -> SiteContext:
    site_settings = SiteSettings.current()
    context = {
        "site_settings": site_settings,
        "sections": list(Section.objects.all()),
        "links": list(site_settings.footer_links.all()),
    }
    return SiteContext(
        version=version,
        name=site_settings.name,
        tagline=site_settings.tagline,
        house_rules_url=site_settings.house_rules_url,
        privacy_url=site_settings.privacy_url,
        masthead=render_to_string("newsite/_masthead.html", context),
        footer=render_to_string("newsite/_footer.html", context),
    )
