"""Forms for an email subscription: the address and the preferences."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy

from comments.forms import PlainTextField
from comments.models import ReplyFrequency
from comments.models.notification import MAX_ADDRESS_LENGTH

_NOT_AN_ADDRESS = gettext_lazy("Please enter an email address, such as name@example.org.")
_is_address = EmailValidator(message=_NOT_AN_ADDRESS, allowlist=[])


class PreferencesForm(forms.Form):
    decisions = forms.BooleanField(
        label=gettext_lazy("when my comment is approved or rejected"), required=False, initial=True
    )
    replies = forms.ChoiceField(
        label=gettext_lazy("when someone replies to me"),
        choices=ReplyFrequency,
        initial=ReplyFrequency.IMMEDIATELY,
        error_messages={"invalid_choice": gettext_lazy("Please choose one of the options.")},
    )

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, auto_id="letters_%s", **kwargs)

    def preferences(self) -> dict[str, Any]:
        """Return the preferences of a valid form."""
        return {"decisions": self.cleaned_data["decisions"], "replies": self.cleaned_data["replies"]}


class SubscriptionForm(PreferencesForm):
    address = PlainTextField(
        label=gettext_lazy("Email address"),
        clean=str.strip,
        limit=lambda: MAX_ADDRESS_LENGTH,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "dir": "ltr"}),
        error_messages={"required": _NOT_AN_ADDRESS},
        too_long=gettext_lazy("That address is too long."),
    )
    field_order = ["address", "decisions", "replies"]

    def clean_address(self) -> str:
        """Return an address that mail can be sent to: without quotes and with a domain name.

        The domain is converted to lower-case ASCII, as in DNS, because several spellings lead to one domain.
        """
        typed = str(self.cleaned_data["address"])
        if any(character in '"[]<>' or not character.isprintable() for character in typed):
            raise forms.ValidationError(_NOT_AN_ADDRESS)
        name, at, domain = typed.rpartition("@")
        try:
            address = f"{name}{at}{punycode(domain).lower()}"
        except UnicodeError as error:
            raise forms.ValidationError(_NOT_AN_ADDRESS) from error
        if not address.isascii():
            raise forms.ValidationError(_NOT_AN_ADDRESS)
        _is_address(address)
        return address

    def prepare_redisplay(self) -> None:
        """Prepare an invalid form for display.

        Focus the address if it has an error, and replace an invalid choice by the default.
        """
        self.data = {name: value for name, value in self.data.items() if name not in self.errors or name == "address"}
        if "replies" in self.errors:
            self.data["replies"] = ReplyFrequency.IMMEDIATELY
        if "address" in self.errors:
            self.fields["address"].widget.attrs["autofocus"] = True
