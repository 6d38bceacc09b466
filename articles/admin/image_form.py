"""Form for image uploads. The request reads the header and stores the file. The worker decodes the file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.images.upload import Upload, check_upload, queue_image, store_original
from articles.models import Image

ACCEPTED_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/gif"


class ImageForm(forms.ModelForm):
    """Form for a new image, or for a failed image, which accepts another file."""

    file = forms.FileField(
        label=gettext_lazy("file"),
        widget=forms.FileInput(attrs={"accept": ACCEPTED_TYPES}),
        help_text=gettext_lazy("JPEG, PNG, WebP, AVIF or GIF. Location and other metadata are removed."),
    )
    upload: Upload | None = None
    original = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            self.fields["file"].required = False
            self.fields["file"].label = _("Choose another file")

    def clean_file(self) -> None:
        """Check the file. The model field stays empty until the worker fills it."""
        if not (file := self.cleaned_data["file"]):
            return
        upload = check_upload(file)
        if there := Image.objects.filter(digest=upload.digest).first():
            address = reverse("admin:articles_image_change", args=[there.pk])
            sentence = _("This image is already in the library, as number {}: <a href='{}'>{}</a>.")
            raise ValidationError(format_html(sentence, there.pk, address, there))
        self.upload = upload

    def clean(self) -> None:
        """Store the file during validation, so that the form can show a storage error and keep its input."""
        if self.errors or self.upload is None:
            return
        try:
            self.original = store_original(self.upload)
        except ValidationError as error:
            self.add_error("file", error)

    def submit(self) -> None:
        """Save the image with the chosen file, if there is one, and queue it for the worker."""
        if self.upload:
            self.instance.pk = queue_image(self.upload, self.instance, original=self.original).pk
