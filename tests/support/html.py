"""Parsed HTML page."""

from html.parser import HTMLParser


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.elements, self.texts = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.texts.append(data)

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    def has_executable_content(self):
        """Return whether there is an inline script, an event handler, a frame or a link to a script."""
        return any(
            any(name.startswith("on") for name in attributes)
            or (tag == "script" and "src" not in attributes and "json" not in attributes.get("type", ""))
            or tag in {"iframe", "object", "embed", "base"}
            or (attributes.get("href") or "").lower().lstrip().startswith(("javascript:", "data:", "//"))
            for tag, attributes in self.elements
        )
