from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from comments.rules.engine import load_rules


class CommentsConfig(AppConfig):
    name = "comments"
    verbose_name = _("Comments")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Load the rules, so that an invalid rule stops the start and not the first comment."""
        load_rules(tuple(settings.COMMENT_RULES))
