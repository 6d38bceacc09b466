"""Models of articles, their authors, images and corrections, and of the site settings."""

from articles.models.article import Article
from articles.models.author import Author
from articles.models.body_image import BodyImage
from articles.models.byline import Byline
from articles.models.correction import Correction
from articles.models.edit_lock import Autosave, EditLock
from articles.models.front_page_slot import FrontPageSlot
from articles.models.image import Image
from articles.models.import_record import ImportRecord
from articles.models.preview_link import PreviewLink
from articles.models.revision import Revision
from articles.models.search_document import SearchDocument
from articles.models.site_settings import FooterLink, Section, SiteSettings
from articles.models.tag import Tag

__all__ = [
    "Article",
    "Author",
    "Autosave",
    "BodyImage",
    "Byline",
    "Correction",
    "EditLock",
    "FooterLink",
    "FrontPageSlot",
    "Image",
    "ImportRecord",
    "PreviewLink",
    "Revision",
    "SearchDocument",
    "Section",
    "SiteSettings",
    "Tag",
]
