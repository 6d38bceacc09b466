"""Admin of articles with their comments settings, images, flat pages, staff and the audit log."""

from articles.admin.images import ImageAdmin
from newsite.accounts.admin import GroupAdmin, UserAdmin
from newsite.accounts.audit_log import AuditLogAdmin
from newsite.admin.article import ArticleAdmin
from newsite.admin.flat_pages import FlatPageAdmin

__all__ = [  # the import registers them
    "ArticleAdmin",
    "AuditLogAdmin",
    "FlatPageAdmin",
    "GroupAdmin",
    "ImageAdmin",
    "UserAdmin",
]
