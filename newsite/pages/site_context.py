"""Masthead, footer and site settings, which every page shows; cached by the version of the site settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models.expressions import Combinable
from django.template.loader import render_to_string

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
    return get_or_build(("frame", version), lambda: _make(version))


def current_site_context() -> SiteContext:
    return site_context(SiteSettings.current().version)


def _make(version: int) -> SiteContext:
    paper = SiteSettings.current()
    context = {"paper": paper, "sections": list(Section.objects.all()), "links": list(paper.footer_links.all())}
    return SiteContext(
        version=version,
        name=paper.name,
        tagline=paper.tagline,
        house_rules_url=paper.house_rules_url,
        privacy_url=paper.privacy_url,
        masthead=render_to_string("newsite/_masthead.html", context),
        footer=render_to_string("newsite/_footer.html", context),
    )
