"""The newsroom's admin: what articles and comments share on one page, the flat pages, staff and the log."""

from newsite.admin.articles import ArticleAdmin
from newsite.admin.pages import FlatPageAdmin
from newsite.staff.log import LogAdmin
from newsite.staff.people import GroupAdmin, UserAdmin

__all__ = ["ArticleAdmin", "FlatPageAdmin", "GroupAdmin", "LogAdmin", "UserAdmin"]  # to import them is to register them
