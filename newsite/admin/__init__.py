"""The newsroom's admin: what articles and comments share on one page, the flat pages, staff and the log."""

from articles.admin.images import PictureAdmin
from newsite.admin.articles import ArticleAdmin
from newsite.admin.pages import FlatPageAdmin
from newsite.staff.log import LogAdmin
from newsite.staff.people import GroupAdmin, UserAdmin

__all__ = [  # to import them is to register them
    "ArticleAdmin",
    "FlatPageAdmin",
    "GroupAdmin",
    "LogAdmin",
    "PictureAdmin",
    "UserAdmin",
]
