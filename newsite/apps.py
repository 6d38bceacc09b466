from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from newsite.conf import checks  # noqa: F401 (to be registered)


class NewsiteConfig(AppConfig):
    name = "newsite"
    verbose_name = _("Site")
    default_auto_field = "django.db.models.BigAutoField"
