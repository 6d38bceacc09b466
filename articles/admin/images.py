"""Admin of images, and the form field for the lead image of an article."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import NewsroomAdmin
from articles.admin.image_form import ImageForm
from articles.admin.image_status import image_status_html, smallest_rendition_url, thumbnail_url
from articles.models import Article, Image
from articles.models.article import ArticleQuerySet

SCRIPT = forms.Script("articles/image_form.js", defer=True)
MAX_LISTED_ARTICLES = 20  # in "used in"
EDITABLE_FIELDS = ["alt_text", "caption", "credit", "focal_point_x", "focal_point_y"]


@admin.register(Image)
class ImageAdmin(NewsroomAdmin):
    """Admin of images. The file of an image can be replaced only if its processing failed."""

    list_display = ["thumbnail", "alt_text", "credit", "uploaded_at"]
    list_display_links = ["thumbnail", "alt_text"]
    list_per_page = 40
    search_fields = ["alt_text", "caption", "credit"]
    fields = ["file", *EDITABLE_FIELDS]

    class Media:
        js = [SCRIPT]

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> list[Any]:
        if obj is None:
            return self.fields
        file = ["file"] if obj.has_failed and self.has_change_permission(request, obj) else []
        return ["preview", *file, *EDITABLE_FIELDS, "shown_in"]

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> list[str]:
        return ["preview", "shown_in"] if obj else []

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = {"form": ImageForm} if "file" in self.get_fields(request, obj) else {}
        return super().get_form(request, obj, change, **form, **kwargs)

    @admin.display(description=gettext_lazy("image"))
    def thumbnail(self, image: Image) -> SafeString:
        if not image.is_ready:
            return image_status_html(image, "list")
        html = '<img class="thumbnail" src="{}" alt="{}" loading="lazy">'
        return format_html(html, smallest_rendition_url(image), image.alt_text)

    @admin.display(description=gettext_lazy("image"))
    def preview(self, image: Image) -> SafeString:
        if not image.is_ready:
            return image_status_html(image, "page")
        return format_html(
            '<span class="focus-preview" data-help="{}"><img src="{}" alt="{}" width="{}" height="{}"></span>',
            _("Click the most important part; it will stay in every crop."),
            smallest_rendition_url(image, at_least=800),
            image.alt_text,
            image.width,
            image.height,
        )

    @admin.display(description=gettext_lazy("used in"))
    def shown_in(self, image: Image) -> SafeString | str:
        rows = [
            (reverse("admin:articles_article_change", args=[article.pk]), article)
            for article in articles_using(image).newest_first()[:MAX_LISTED_ARTICLES]
        ]
        return format_html_join("", '<a href="{}">{}</a><br>', rows) or _("No articles")

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """Require the permission to publish for images that a public or scheduled article uses."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed or request.user.has_perm("articles.publish_article"):
            return allowed
        return not articles_using(obj).exclude(published_at=None).exists()

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        """Save only the editable fields of an existing image. The worker may be updating the other columns."""
        if not getattr(form, "upload", None):
            obj.save(update_fields=EDITABLE_FIELDS)
            return
        form.submit()
        if IS_POPUP_VAR not in request.POST:
            sentence = _("The image is being processed. Readers will see it once it’s ready.")
            self.message_user(request, sentence, messages.INFO)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"has_waiting": Image.objects.waiting().exists(), **(extra_context or {})}
        return super().changelist_view(request, context)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        image = self.get_object(request, object_id)
        if image and self.has_delete_permission(request, image) and (shown := articles_using(image).first()):
            sentence = _("This image is used in “%(article)s”. Remove it there first.")
            self.message_user(request, sentence % {"article": shown}, messages.ERROR)
            return redirect("admin:articles_image_change", image.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_urls(self) -> list[URLPattern]:
        views = {"thumbnail": self.thumbnail_view, "progress": self.progress_view}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"articles_image_{name}")
            for name, view in views.items()
        ]
        return [*own, *super().get_urls()]

    def thumbnail_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Redirect to the thumbnail, for scripts that know only the image id."""
        return redirect(smallest_rendition_url(self._visible(request, pk)))

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the HTML of the image's status for the list, or with ?in=page for its change page."""
        image = self._visible(request, pk)
        html = self.preview(image) if request.GET.get("in") == "page" else self.thumbnail(image)
        return HttpResponse(html, headers={"Image-State": "waiting" if image.is_waiting else "processed"})

    def _visible(self, request: HttpRequest, pk: int) -> Image:
        image = self.get_object(request, str(pk))
        if image is None or not self.has_view_permission(request, image):
            raise Http404
        return image


def articles_using(image: Image) -> ArticleQuerySet:
    return Article.objects.filter(Q(lead_image=image) | Q(body_images__image=image)).distinct()


class ImageWidget(ForeignKeyRawIdWidget):
    """Widget with the image id, a thumbnail, and a popup to choose or upload an image."""

    class Media:
        js = [SCRIPT]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        image = Image.objects.filter(pk=value).first() if str(value or "").isdecimal() else None
        source = format_html('src="{}"', thumbnail_url(image)) if image else "hidden"
        field = super().render(name, value, {**(attrs or {}), "data-image": ""}, renderer)
        return format_html('<span class="chosen-image">{}<img class="thumbnail" alt="" {}></span>', field, source)


class LeadImageMixin(admin.ModelAdmin):
    raw_id_fields = ("lead_image",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "lead_image":
            kwargs["widget"] = ImageWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
