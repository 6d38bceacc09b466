"""Small exports of WordPress and Disqus, built for each test, and the path of a large one.

WORDPRESS_TEST_EXPORT is WordPress's own test export (https://github.com/WordPress/theme-test-data), not part of
this repository. The environment variable of that name sets its path. Tests that need it are skipped without the file.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_DEFAULT_TEST_EXPORT = Path(__file__).parents[3] / "shared/data/themeunittestdata.wordpress.xml"
WORDPRESS_TEST_EXPORT = Path(os.environ.get("WORDPRESS_TEST_EXPORT") or _DEFAULT_TEST_EXPORT)

HEAD = """<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/{version}/">
<channel>
<title>The Old Paper</title>
<link>https://old.example</link>
<language>en-GB</language>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:base_site_url>https://old.example</wp:base_site_url>
<wp:base_blog_url>https://old.example</wp:base_blog_url>
"""


def wxr(*parts: str, version: str = "1.2") -> str:
    return HEAD.format(version=version) + "\n".join(parts) + "\n</channel>\n</rss>\n"


def author(login: str = "ada", name: str = "Ada Lovelace") -> str:
    return _element("wp:author", author_login=login, author_email=f"{login}@example.org", author_display_name=name)


def category(slug: str, name: str, *, parent: str = "", id: int = 0) -> str:
    return _element("wp:category", term_id=id, category_nicename=slug, category_parent=parent, cat_name=name)


def post(
    id: int,
    *children: str,
    title: str = "A title",
    content: str = "<p>Some text.</p>",
    excerpt: str = "",
    link: str | None = None,
    slug: str | None = None,
    date: str = "2012-01-03 17:11:37",
    gmt: str | None = None,
    creator: str = "ada",
    terms: tuple[tuple[str, str, str], ...] = (("category", "town", "Town"),),
    meta: dict[str, str] | None = None,
    **fields: Any,
) -> str:
    slug = f"post-{id}" if slug is None else slug
    link = f"https://old.example/{date[:10].replace('-', '/')}/{slug}/" if link is None else link
    defaults = {
        "post_id": id,
        "post_date": date,
        "post_date_gmt": date if gmt is None else gmt,
        "comment_status": "open",
        "post_name": slug,
        "status": "publish",
        "post_parent": 0,
        "post_type": "post",
        "post_password": "",
        "is_sticky": 0,
    }
    categories = [
        f"<category domain={quoteattr(domain)} nicename={quoteattr(nicename)}>{_cdata(name)}</category>"
        for domain, nicename, name in terms
    ]
    return "\n".join(
        [
            "<item>",
            f"<title>{escape(title)}</title>",
            f"<link>{escape(link)}</link>",
            f"<dc:creator>{_cdata(creator)}</dc:creator>",
            f"<content:encoded>{_cdata(content)}</content:encoded>",
            f"<excerpt:encoded>{_cdata(excerpt)}</excerpt:encoded>",
            *_children({**defaults, **fields}),
            *categories,
            *(_element("wp:postmeta", meta_key=key, meta_value=value) for key, value in (meta or {}).items()),
            *children,
            "</item>",
        ]
    )


def comment(
    id: int, text: str = "I was there.", *, parent: int = 0, meta: dict[str, str] | None = None, **fields: Any
) -> str:
    date = fields.pop("date", "2012-01-04 10:00:00")
    defaults = {
        "comment_id": id,
        "comment_author": "Anna",
        "comment_author_email": "anna@example.org",
        "comment_author_url": "",
        "comment_author_IP": "192.0.2.7",
        "comment_date": date,
        "comment_date_gmt": date,
        "comment_content": text,
        "comment_approved": "1",
        "comment_type": "",
        "comment_parent": parent,
        "comment_user_id": 0,
    }
    metas = [_element("wp:commentmeta", meta_key=key, meta_value=value) for key, value in (meta or {}).items()]
    return "\n".join(["<wp:comment>", *_children({**defaults, **fields}), *metas, "</wp:comment>"])


def disqus(*parts: str) -> str:
    namespaces = 'xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals"'
    return f'<?xml version="1.0" encoding="utf-8"?>\n<disqus {namespaces}>\n' + "\n".join(parts) + "\n</disqus>\n"


def thread(number: str, link: str, **fields: Any) -> str:
    children = {
        "id": "",
        "forum": "old",
        "link": link,
        "title": "A title",
        "createdAt": "2012-01-03T17:11:37Z",
        **fields,
    }
    return f"<thread dsq:id={quoteattr(number)}>{_plain_children(children)}</thread>"


def message(id: str | None, thread: str, text: str = "<p>I was there.</p>", *, parent: str = "", **fields: Any) -> str:
    person = {"email": "anna@example.org", "name": "Anna", "isAnonymous": "false", "username": "anna"}
    person |= {key: fields.pop(key) for key in list(person) if key in fields}
    defaults = {"createdAt": "2012-01-04T10:00:00Z", "isDeleted": "false", "isSpam": "false", "ipAddress": "192.0.2.7"}
    attribute = "" if id is None else f" dsq:id={quoteattr(id)}"
    replies = f"<parent dsq:id={quoteattr(parent)}/>" if parent else ""
    return (
        f"<post{attribute}><id/><message>{_cdata(text)}</message>{_plain_children({**defaults, **fields})}"
        f"<author>{_plain_children(person)}</author><thread dsq:id={quoteattr(thread)}/>{replies}</post>"
    )


def _element(name: str, **children: Any) -> str:
    return f"<{name}>{''.join(_children(children))}</{name}>"


def _children(children: dict[str, Any]) -> list[str]:
    return [f"<wp:{name}>{_cdata(str(value))}</wp:{name}>" for name, value in children.items()]


def _plain_children(children: dict[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in children.items())


def _cdata(text: str) -> str:
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"


def sample_export() -> str:
    """Return an export with a post of each kind and status, and comments of each kind."""
    posts: list[dict[str, Any]] = [
        {},
        {"status": "draft", "slug": "", "link": "https://old.example/?p=2"},
        {"status": "future", "date": "2090-01-01 12:00:00"},
        {"post_password": "enter"},
        {"post_type": "page", "link": "https://old.example/about/"},
        {"post_type": "nav_menu_item"},
        {"title": "", "content": ""},
        {"content": "<!-- wp:paragraph -->\n<p>Some <strong>text</strong>.</p>\n<!-- /wp:paragraph -->"},
        {"content": "One\n\nTwo [caption width='3']<img src='a.png' alt='A'> A[/caption]\n[unknown a=b]"},
    ]
    kinds = ["", "comment", "pingback", "trackback"]
    children = [
        comment(10 * n + m, parent=10 * n + m - 1 if m % 2 else 0, comment_approved=str(m % 3 % 2), comment_type=kind)
        for n in range(1, len(posts) + 1)
        for m, kind in enumerate(kinds)
    ]
    items = [post(n, *children[4 * n - 4 : 4 * n], **fields) for n, fields in enumerate(posts, start=1)]
    return wxr(author(), category("town", "Town"), *items)
