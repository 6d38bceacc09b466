"""What the newsroom publishes."""

from articles.models.article import Article, Author, Byline
from articles.models.paper import FooterLink, Paper, Section
from articles.models.picture import Picture
from articles.models.tag import Tag

__all__ = ["Article", "Author", "Byline", "FooterLink", "Paper", "Picture", "Section", "Tag"]
