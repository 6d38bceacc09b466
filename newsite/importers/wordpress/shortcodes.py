"""Conversion of WordPress shortcodes and block comments to HTML for `html.convert_html`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape
import json
import re
from typing import Any

from newsite.importers.html_tree import MARKER_PREFIX

GALLERY_ATTRIBUTE, CAPTION_ATTRIBUTE, BLOCK_ATTRIBUTE = (
    f"{MARKER_PREFIX}gallery",
    f"{MARKER_PREFIX}caption",
    f"{MARKER_PREFIX}block",
)

_SHORTCODE = re.compile(
    r"\[(?P<escaped>\[?)(?P<end>/?)(?P<name>[a-zA-Z][\w-]{0,60})(?P<rest>(?:\s(?:[^\[\]\"']|\"[^\"]*\"|'[^']*')*|=[^\[\]]*)?)\]\]?"
)
_ATTRIBUTE = re.compile(r"([\w-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'/\]]+))|\"([^\"]*)\"|'([^']*)'|(\S+)")
_COMMENT = re.compile(r"<!--((?:(?!-->|<!--).)*)-->", re.DOTALL)
_MARK = re.compile(r"\s*(/?)wp:([\w/-]+)(?:\s++(?:(\{.*\})\s*)?(/?))?$", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_CLOSING = re.compile(r"\[/([a-zA-Z][\w-]{0,60})\]")
_AS_TYPED = re.compile(r"<(/?)(pre|code|script|style|textarea)\b", re.IGNORECASE)
_FREE = {"freeform", "core/freeform"}
_ADDRESS = re.compile(r"https?://[^\s\"'<>\[\]]+")
_MEDIA = ("src", "mp3", "mp4", "m4a", "m4v", "ogg", "ogv", "wav", "webm", "flv", "wma", "wmv", "url")


@dataclass
class ShortcodeAttributes:
    named: dict[str, str] = field(default_factory=dict)
    bare: list[str] = field(default_factory=list)


def replace_shortcodes(content: str, tell: Callable[[str], None]) -> str:
    """Replace shortcodes and block comments; `tell` is called once per post for each kind that is dropped."""
    told: set[str] = set()

    def tell_once(what: str) -> None:
        if what not in told:
            told.add(what)
            tell(what)

    return _without_shortcodes(_without_marks(content, tell_once), tell_once)


def _without_marks(content: str, tell: Callable[[str], None]) -> str:
    """Replace block comments; the HTML of a block gets a marker, because line breaks in it count as blanks."""
    depth = 0

    def replace(comment: re.Match[str]) -> str:
        nonlocal depth
        if not (match := _MARK.match(comment[1].rstrip())):
            return "\n\n" if comment[1].strip().startswith(("more", "nextpage")) else ""
        end, name, attributes, alone = match.groups()
        if alone:
            return _alone(name, attributes or "", tell)
        if name in _FREE:
            return "\n\n"
        depth += -1 if end else 1
        if end:
            return "</div>\n\n" if depth == 0 else ""
        return f'\n\n<div {BLOCK_ATTRIBUTE}="">' if depth == 1 else ""

    return _COMMENT.sub(replace, content)


def _alone(name: str, attributes: str, tell: Callable[[str], None]) -> str:
    """Return the HTML of a dynamic block, which WordPress renders on display."""
    try:
        known = json.loads(attributes) if attributes.strip() else {}
    except (ValueError, RecursionError):
        known = {}
    address = known.get("url") if isinstance(known, dict) else None
    if "embed" in name and isinstance(address, str):
        return f"<p>{escape(address)}</p>"
    tell(f"block “{name}”")
    return ""


def _without_shortcodes(content: str, tell: Callable[[str], None]) -> str:
    if "[" not in content:
        return content
    closed = set(_CLOSING.findall(content))
    typed = 0  # depth within <pre> and similar elements
    parts = _TAG.split(content)
    for number, part in enumerate(parts):
        if part.startswith("<"):
            if found := _AS_TYPED.match(part):
                typed = max(0, typed + (-1 if found[1] else 1))
        elif not typed and "[" in part:
            parts[number] = _SHORTCODE.sub(lambda match: _replace(match, closed, tell), part)
    return "".join(parts)


def _replace(match: re.Match[str], closed: set[str], tell: Callable[[str], None]) -> str:
    whole, name, rest = match[0], match["name"], match["rest"]
    if match["escaped"]:
        return whole[1:-1] if whole.endswith("]]") else whole
    surplus = "]" if whole.endswith("]]") else ""  # belongs to a bracket around it
    written = name.lower()
    if match["end"]:
        return _ENDS.get(written, "" if _is_one(match, closed) else whole) + surplus
    if written in _BEGINNINGS:
        return _BEGINNINGS[written](_attributes(rest)) + surplus
    if not _is_one(match, closed):
        return whole
    tell(f"shortcode [{name}]")
    return surplus


def _is_one(match: re.Match[str], closed: set[str]) -> bool:
    """Return whether it is a shortcode, as opposed to text in brackets: it has options or an end, or its own line."""
    name, rest = match["name"], match["rest"]
    if name in closed or "_" in name or re.search(r"[\w-]\s*=", rest) or rest.rstrip().endswith("/"):
        return True
    before, after = (
        match.string[max(0, match.start() - 80) : match.start()],
        match.string[match.end() : match.end() + 80],
    )
    is_alone = not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
    return is_alone and name.islower() and not rest.strip()


def _attributes(rest: str) -> ShortcodeAttributes:
    found = ShortcodeAttributes()
    for name, *values in _ATTRIBUTE.findall(rest.lstrip("=").strip()):
        double, single, plain, *bare = values
        if name:
            found.named.setdefault(name.lower(), double or single or plain)
        else:
            found.bare.append(next(filter(None, bare), ""))
    return found


def _media(attributes: ShortcodeAttributes) -> str:
    """Return the address in a paragraph of its own; empty without one."""
    candidates = [attributes.named.get(name, "") for name in _MEDIA] + attributes.bare
    address = next(filter(None, (_ADDRESS.match(each) for each in candidates)), None)
    return f"<p>{escape(address[0])}</p>" if address else ""


def _video_of(host: str) -> Callable[[ShortcodeAttributes], str]:
    def video(attributes: ShortcodeAttributes) -> str:
        known = attributes.named.get("id") or next(iter(attributes.bare), "")
        return _media(attributes) or (f"<p>{host}{escape(known)}</p>" if re.fullmatch(r"[\w-]+", known) else "")

    return video


def _gallery(attributes: ShortcodeAttributes) -> str:
    ids = re.findall(r"\d+", attributes.named.get("ids") or attributes.named.get("include", ""))
    return f'<div {GALLERY_ATTRIBUTE}="{" ".join(ids)}"></div>'


def _caption(attributes: ShortcodeAttributes) -> str:
    return f'<figure {CAPTION_ATTRIBUTE}="{escape(attributes.named.get("caption", ""))}">'


_BEGINNINGS: dict[str, Callable[[ShortcodeAttributes], str]] = {
    "caption": _caption,
    "wp_caption": _caption,
    "gallery": _gallery,
    "embed": lambda attributes: _media(attributes) or "<p>",
    "audio": _media,
    "video": _media,
    "playlist": _media,
    "youtube": _video_of("https://www.youtube.com/watch?v="),
    "vimeo": _video_of("https://vimeo.com/"),
    "soundcloud": _media,
    "tweet": _media,
}
_ENDS: dict[str, Any] = {
    "caption": "</figure>",
    "wp_caption": "</figure>",
    "embed": "</p>",
    **dict.fromkeys(["gallery", "audio", "video", "playlist", "youtube", "vimeo", "soundcloud", "tweet"], ""),
}
