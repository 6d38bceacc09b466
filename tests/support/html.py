"""What a parser finds in a page."""

from html.parser import HTMLParser


class Page(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.elements, self.words = [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join("".join(self.words).split())

    def can_run_something(self):
        """An inline script, a handler or an address that is a script: none belongs on any page of ours."""
        return any(
            any(name.startswith("on") for name in attributes)
            or (tag == "script" and "src" not in attributes and "json" not in attributes.get("type", ""))
            or tag in {"iframe", "object", "embed", "base"}
            or (attributes.get("href") or "").lower().lstrip().startswith(("javascript:", "data:", "//"))
            for tag, attributes in self.elements
        )
