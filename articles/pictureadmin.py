"""Pictures in the admin, and how an article's lead picture is chosen there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin import NewsroomAdmin
from articles.images import Clean, clean, digest_of, keep, store
from articles.models import Article, Picture
from articles.models.article import ArticleQuerySet
from articles.tasks import draw_renditions

ACCEPTED = "image/jpeg,image/png,image/webp,image/avif,image/gif"
SCRIPT = forms.Script("articles/picture.js", defer=True)
NAMED = 20  # articles that show it


class PictureForm(forms.ModelForm):
    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        help_text=gettext_lazy("JPEG, PNG, WebP, AVIF or GIF. Where and when it was taken is removed."),
    )
    cleaned: Clean
    stored: str

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if there := Picture.objects.filter(digest=digest_of(file)).first():
            address = reverse("admin:articles_picture_change", args=[there.pk])
            sentence = _("This picture is here already, as number {}: <a href='{}'>{}</a>.")
            raise ValidationError(format_html(sentence, there.pk, address, there))
        self.cleaned = clean(file)
        return file

    def clean(self) -> None:
        """What cannot be stored is said while there is a form to say it at, with all that was typed."""
        if self.errors:
            return
        try:
            self.stored = store(self.cleaned)
        except ValidationError as error:
            self.add_error("file", error)


@admin.register(Picture)
class PictureAdmin(NewsroomAdmin):
    """A file is given once: another one is another picture."""

    list_display = ["thumbnail", "alternative", "credit", "uploaded_at"]
    list_display_links = ["thumbnail", "alternative"]
    list_per_page = 40
    search_fields = ["alternative", "caption", "credit"]
    fields = ["file", "alternative", "caption", "credit", "focus_x", "focus_y"]

    class Media:
        js = [SCRIPT]

    def get_fields(self, request: HttpRequest, obj: Picture | None = None) -> list[Any]:
        return ["preview", *self.fields[1:], "shown_in"] if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Picture | None = None) -> list[str]:
        return ["preview", "shown_in"] if obj else []

    def get_form(self, request: HttpRequest, obj: Picture | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if change else {"form": PictureForm}), **kwargs)

    @admin.display(description=gettext_lazy("picture"))
    def thumbnail(self, picture: Picture) -> SafeString:
        html = '<img class="thumbnail" src="{}" alt="{}" loading="lazy">'
        return format_html(html, smallest(picture), picture.alternative)

    @admin.display(description=gettext_lazy("picture"))
    def preview(self, picture: Picture) -> SafeString:
        return format_html(
            '<span class="focus-preview" data-help="{}"><img src="{}" alt="{}" width="{}" height="{}"></span>',
            _("Click on what matters most: it stays in every crop."),
            smallest(picture, at_least=800),
            picture.alternative,
            picture.width,
            picture.height,
        )

    @admin.display(description=gettext_lazy("shown in"))
    def shown_in(self, picture: Picture) -> SafeString | str:
        rows = [
            (reverse("admin:articles_article_change", args=[article.pk]), article)
            for article in articles_with(picture).newest()[:NAMED]
        ]
        return format_html_join("", '<a href="{}">{}</a><br>', rows) or _("no article")

    def has_change_permission(self, request: HttpRequest, obj: Picture | None = None) -> bool:
        """What stands in a public or scheduled article is changed by those who may publish, as the article itself."""
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed or request.user.has_perm("articles.publish_article"):
            return allowed
        return not articles_with(obj).exclude(published_at=None).exists()

    def save_model(self, request: HttpRequest, obj: Picture, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            draw_renditions.enqueue(obj.pk)
        else:
            obj.pk = keep(form.cleaned, obj, name=form.stored).pk

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        picture = self.get_object(request, object_id)
        if picture and self.has_delete_permission(request, picture) and (shown := articles_with(picture).first()):
            sentence = _("This picture stands in “%(article)s”. Take it out of there first; then it can be deleted.")
            self.message_user(request, sentence % {"article": shown}, messages.ERROR)
            return redirect("admin:articles_picture_change", picture.pk)
        return super().delete_view(request, object_id, extra_context)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.thumbnail_of)
        return [path("<int:pk>/thumbnail/", view, name="articles_picture_thumbnail"), *super().get_urls()]

    def thumbnail_of(self, request: HttpRequest, pk: int) -> HttpResponse:
        """For scripts that know nothing but the number."""
        picture = self.get_object(request, str(pk))
        if picture is None or not self.has_view_permission(request, picture):
            raise Http404
        return redirect(smallest(picture))


def smallest(picture: Picture, *, at_least: int = 0) -> str:
    """The address of the smallest rendition of that width; of the file itself if there is none."""
    for each in picture.renditions.get("widths", []):
        if each["width"] >= at_least:
            return picture.file.storage.url(each["webp"])
    return picture.file.url


def articles_with(picture: Picture) -> ArticleQuerySet:
    return Article.objects.filter(Q(picture=picture) | Q(illustrations__picture=picture)).distinct()


class PictureWidget(ForeignKeyRawIdWidget):
    """The number of the picture, its thumbnail, and a window to choose it or to upload another."""

    class Media:
        js = [SCRIPT]

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        picture = Picture.objects.filter(pk=value).first() if str(value or "").isdecimal() else None
        source = format_html('src="{}"', smallest(picture)) if picture else "hidden"
        field = super().render(name, value, {**(attrs or {}), "data-picture": ""}, renderer)
        return format_html('<span class="chosen-picture">{}<img class="thumbnail" alt="" {}></span>', field, source)


class WithLeadPicture(admin.ModelAdmin):
    raw_id_fields = ("picture",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "picture":
            kwargs["widget"] = PictureWidget(db_field.remote_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
