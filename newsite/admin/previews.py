"""Previews of unpublished articles: direct for staff, by an expiring preview link for others."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.models import Article, PreviewLink
from articles.models.preview_link import DEFAULT_DAYS, MAX_DAYS
from articles.params import parse_id
from newsite.pages.errors import plain_page
from newsite.pages.previews import preview_html


class PreviewLinkForm(forms.Form):
    recipient = forms.CharField(label=gettext_lazy("Shared with"), max_length=120, required=False)
    days = forms.IntegerField(
        label=gettext_lazy("Expires after (days)"),
        initial=DEFAULT_DAYS,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DAYS)],
    )


def preview_form(form: type[Any]) -> type[Any]:
    """Return a form for display only, which ignores newer revisions."""
    return type(form.__name__, (form,), {"check_newest": lambda _form: None})


class PreviewMixin(admin.ModelAdmin):
    def get_urls(self) -> list[URLPattern]:
        own = [
            path("<int:pk>/preview/", self.admin_site.admin_view(self.preview), name="articles_article_preview"),
            path("<int:pk>/links/", self.admin_site.admin_view(self.links), name="articles_article_links"),
        ]
        return [*own, *super().get_urls()]

    def view_on_site(self, obj: Article) -> str:
        return obj.get_absolute_url() if obj.is_public() else reverse("admin:articles_article_preview", args=[obj.pk])

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the article as readers will see it, in any state: as saved, or with the submitted form.

        Bylines, tags and corrections are shown as saved.
        """
        article = self.get_object(request, str(pk))
        if article is None or not self.has_view_permission(request, article):
            raise Http404
        if request.method == "POST":
            if not self.has_change_permission(request, article):
                raise PermissionDenied
            form = preview_form(self.get_form(request, article, change=True))(request.POST, instance=article)
            if not form.is_valid():
                faults = [f"{field.label}: {fault}" for field in form for fault in field.errors]
                return plain_page(422, _("Nothing to preview yet."), " ".join([*form.non_field_errors(), *faults]))
        return HttpResponse(preview_html(article))

    def links(self, request: HttpRequest, pk: int) -> HttpResponse:
        """List, create and revoke the preview links of an article; requires the permission to change the article."""
        article = self.get_object(request, str(pk))
        if article is None or not self.has_view_permission(request, article):
            raise Http404
        if not self.has_change_permission(request, article):
            raise PermissionDenied
        if "revoke" in request.POST:
            return self._withdraw(request, article)
        form = PreviewLinkForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            PreviewLink.make(article, actor_id=request.user.pk, **form.cleaned_data)
            self.log_change(request, article, _("Created a preview link."))
            return self._back(request, article, _("Link created. Copy it to share it."))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Preview links: %s") % article,
            "opts": self.opts,
            "original": article,
            "form": form,
            "links": article.preview_links.select_related("actor")[:50],
            "site_url": settings.SITE_URL,
        }
        return TemplateResponse(request, "admin/articles/article/preview_links.html", context)

    def _withdraw(self, request: HttpRequest, article: Article) -> HttpResponse:
        link = get_object_or_404(article.preview_links, pk=parse_id(request.POST["revoke"]))
        link.revoke()
        self.log_change(request, article, _("Revoked a preview link."))
        return self._back(request, article, _("Link revoked. It no longer works."))

    def _back(self, request: HttpRequest, article: Article, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:articles_article_links", args=[article.pk]))
