"""What the newsroom publishes."""

from articles.models.article import Article
from articles.models.author import Author
from articles.models.byline import Byline
from articles.models.correction import Correction
from articles.models.frontplace import FrontPlace
from articles.models.history import Version
from articles.models.illustration import Illustration
from articles.models.imported import Imported
from articles.models.paper import FooterLink, Paper, Section
from articles.models.picture import Picture
from articles.models.previewlink import PreviewLink
from articles.models.searchentry import SearchEntry
from articles.models.tag import Tag
from articles.models.writing import Draft, OpenArticle

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
