"""The newsroom's admin: what articles and comments share on one page, the flat pages, staff and the log."""

from articles.admin.images import ImageAdmin
from newsite.accounts.admin import GroupAdmin, UserAdmin
from newsite.accounts.audit_log import AuditLogAdmin
from newsite.admin.article import ArticleAdmin
from newsite.admin.flat_pages import FlatPageAdmin

__all__ = [  # to import them is to register them
    "ArticleAdmin",
    "AuditLogAdmin",
    "FlatPageAdmin",
    "GroupAdmin",
    "ImageAdmin",
    "UserAdmin",
]
