"""What the newsroom publishes."""

from articles.models.article import Article, Author, Byline
from articles.models.paper import FooterLink, Paper, Section

__all__ = ["Article", "Author", "Byline", "FooterLink", "Paper", "Section"]
