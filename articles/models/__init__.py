"""What the newsroom publishes."""

from articles.models.article import Article
from articles.models.author import Author
from articles.models.body_image import Illustration
from articles.models.byline import Byline
from articles.models.correction import Correction
from articles.models.edit_lock import Draft, OpenArticle
from articles.models.front_page_slot import FrontPlace
from articles.models.image import Picture
from articles.models.import_record import Imported
from articles.models.preview_link import PreviewLink
from articles.models.revision import Version
from articles.models.search_document import SearchEntry
from articles.models.site_settings import FooterLink, Paper, Section
from articles.models.tag import Tag

__all__ = [
    "Article",
    "Author",
    "Byline",
    "Correction",
    "Draft",
    "FooterLink",
    "FrontPlace",
    "Illustration",
    "Imported",
    "OpenArticle",
    "Paper",
    "Picture",
    "PreviewLink",
    "SearchEntry",
    "Section",
    "Tag",
    "Version",
]
