"""Forms of Django's own models, with their texts cleaned before they are validated."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.contrib.flatpages.forms import FlatpageForm
from django.contrib.redirects.models import Redirect
from django.db.models import CharField, TextField

from articles.text import as_stored, unseen_error


class TypedTextForm(forms.ModelForm):
    """Form that cleans texts as `TypedText` does for models of this project."""

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        for field in self._meta.model._meta.concrete_fields:
            typed = self.cleaned_data.get(field.name)
            if isinstance(field, CharField | TextField) and field.name != "password" and isinstance(typed, str):
                self.cleaned_data[field.name] = as_stored(field, typed)
                if unseen := unseen_error(field, self.cleaned_data[field.name]):
                    self.add_error(field.name, unseen)
        return cleaned


class TypedFlatpageForm(TypedTextForm, FlatpageForm): ...


class TypedUserForm(TypedTextForm, UserChangeForm): ...


class TypedNewUserForm(TypedTextForm, AdminUserCreationForm): ...


class TypedGroupForm(TypedTextForm):
    class Meta:
        model = Group
        fields = "__all__"  # noqa: DJ007 (the admin names them)


class TypedRedirectForm(TypedTextForm):
    class Meta:
        model = Redirect
        fields = "__all__"  # noqa: DJ007 (the admin names them)
