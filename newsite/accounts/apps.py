from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class NewsroomAdminConfig(AdminConfig):
    verbose_name = _("Activity log")
    default_site = "newsite.accounts.admin_site.NewsroomSite"
