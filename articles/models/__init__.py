"""What the newsroom publishes."""

from articles.models.article import Article
from articles.models.author import Author
from articles.models.byline import Byline
from articles.models.correction import Correction
from articles.models.paper import FooterLink, Paper, Section
from articles.models.picture import Picture
from articles.models.tag import Tag

__all__ = ["Article", "Author", "Byline", "Correction", "FooterLink", "Paper", "Picture", "Section", "Tag"]
