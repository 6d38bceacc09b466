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
_BLOCK_MARKER = re.compile(r"\s*(/?)wp:([\w/-]+)(?:\s++(?:(\{.*\})\s*)?(/?))?$", re.DOTALL)
_TAG = re.compile(r"(<[^<>]*>)")
_END_SHORTCODE = re.compile(r"\[/([a-zA-Z][\w-]{0,60})\]")
_VERBATIM_TAG = re.compile(r"<(/?)(pre|code|script|style|textarea)\b", re.IGNORECASE)
_CLASSIC_BLOCKS = {"freeform", "core/freeform"}
_ADDRESS = re.compile(r"https?://[^\s\"'<>\[\]]+")
_MEDIA_ATTRIBUTES = ("src", "mp3", "mp4", "m4a", "m4v", "ogg", "ogv", "wav", "webm", "flv", "wma", "wmv", "url")


@dataclass
class ShortcodeAttributes:
    named: dict[str, str] = field(default_factory=dict)
    positional: list[str] = field(default_factory=list)


def replace_shortcodes(content: str, warn: Callable[[str], None]) -> str:
    """Replace shortcodes and block comments; `warn` is called once per post for each kind that is dropped."""
    warned: set[str] = set()

    def warn_once(item: str) -> None:
        if item not in warned:
            warned.add(item)
            warn(item)

    return _replace_shortcodes(_replace_block_comments(content, warn_once), warn_once)


def _replace_block_comments(content: str, warn: Callable[[str], None]) -> str:
    """Replace block comments; the HTML of a block gets a marker, because line breaks in it count as blanks."""
    depth = 0

    def replace(comment: re.Match[str]) -> str:
        nonlocal depth
        if not (match := _BLOCK_MARKER.match(comment[1].rstrip())):
            return "\n\n" if comment[1].strip().startswith(("more", "nextpage")) else ""
        end, name, attributes, is_void = match.groups()
        if is_void:
            return _void_block(name, attributes or "", warn)
        if name in _CLASSIC_BLOCKS:
            return "\n\n"
        depth += -1 if end else 1
        if end:
            return "</div>\n\n" if depth == 0 else ""
        return f'\n\n<div {BLOCK_ATTRIBUTE}="">' if depth == 1 else ""

    return _COMMENT.sub(replace, content)


def _void_block(name: str, attributes: str, warn: Callable[[str], None]) -> str:
    """Return the HTML of a dynamic block, which WordPress renders on display."""
    try:
        options = json.loads(attributes) if attributes.strip() else {}
    except (ValueError, RecursionError):
        options = {}
    url = options.get("url") if isinstance(options, dict) else None
    if "embed" in name and isinstance(url, str):
        return f"<p>{escape(url)}</p>"
    warn(f"block “{name}”")
    return ""


def _replace_shortcodes(content: str, warn: Callable[[str], None]) -> str:
    if "[" not in content:
        return content
    closed_names = set(_END_SHORTCODE.findall(content))
    verbatim_depth = 0  # depth within <pre> and similar elements
    parts = _TAG.split(content)
    for number, part in enumerate(parts):
        if part.startswith("<"):
            if tag := _VERBATIM_TAG.match(part):
                verbatim_depth = max(0, verbatim_depth + (-1 if tag[1] else 1))
        elif not verbatim_depth and "[" in part:
            parts[number] = _SHORTCODE.sub(lambda match: _shortcode_html(match, closed_names, warn), part)
    return "".join(parts)


def _shortcode_html(match: re.Match[str], closed_names: set[str], warn: Callable[[str], None]) -> str:
    whole, name, rest = match[0], match["name"], match["rest"]
    if match["escaped"]:
        return whole[1:-1] if whole.endswith("]]") else whole
    extra_bracket = "]" if whole.endswith("]]") else ""  # belongs to a bracket around it
    lowercase_name = name.lower()
    if match["end"]:
        return _END_HTML.get(lowercase_name, "" if _is_shortcode(match, closed_names) else whole) + extra_bracket
    if lowercase_name in _START_HTML:
        return _START_HTML[lowercase_name](_attributes(rest)) + extra_bracket
    if not _is_shortcode(match, closed_names):
        return whole
    warn(f"shortcode [{name}]")
    return extra_bracket


def _is_shortcode(match: re.Match[str], closed_names: set[str]) -> bool:
    """Return whether it is a shortcode, as opposed to text in brackets: it has options or an end, or its own line."""
    name, rest = match["name"], match["rest"]
    if name in closed_names or "_" in name or re.search(r"[\w-]\s*=", rest) or rest.rstrip().endswith("/"):
        return True
    before, after = (
        match.string[max(0, match.start() - 80) : match.start()],
        match.string[match.end() : match.end() + 80],
    )
    is_alone = not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
    return is_alone and name.islower() and not rest.strip()


def _attributes(rest: str) -> ShortcodeAttributes:
    attributes = ShortcodeAttributes()
    for name, *values in _ATTRIBUTE.findall(rest.lstrip("=").strip()):
        double, single, plain, *positional = values
        if name:
            attributes.named.setdefault(name.lower(), double or single or plain)
        else:
            attributes.positional.append(next(filter(None, positional), ""))
    return attributes


def _media_html(attributes: ShortcodeAttributes) -> str:
    """Return the address in a paragraph of its own; empty without one."""
    candidates = [attributes.named.get(name, "") for name in _MEDIA_ATTRIBUTES] + attributes.positional
    address = next(filter(None, (_ADDRESS.match(each) for each in candidates)), None)
    return f"<p>{escape(address[0])}</p>" if address else ""


def _video_shortcode(host: str) -> Callable[[ShortcodeAttributes], str]:
    def video(attributes: ShortcodeAttributes) -> str:
        video_id = attributes.named.get("id") or next(iter(attributes.positional), "")
        return _media_html(attributes) or (
            f"<p>{host}{escape(video_id)}</p>" if re.fullmatch(r"[\w-]+", video_id) else ""
        )

    return video


def _gallery_html(attributes: ShortcodeAttributes) -> str:
    ids = re.findall(r"\d+", attributes.named.get("ids") or attributes.named.get("include", ""))
    return f'<div {GALLERY_ATTRIBUTE}="{" ".join(ids)}"></div>'


def _caption_html(attributes: ShortcodeAttributes) -> str:
    return f'<figure {CAPTION_ATTRIBUTE}="{escape(attributes.named.get("caption", ""))}">'


_START_HTML: dict[str, Callable[[ShortcodeAttributes], str]] = {
    "caption": _caption_html,
    "wp_caption": _caption_html,
    "gallery": _gallery_html,
    "embed": lambda attributes: _media_html(attributes) or "<p>",
    "audio": _media_html,
    "video": _media_html,
    "playlist": _media_html,
    "youtube": _video_shortcode("https://www.youtube.com/watch?v="),
    "vimeo": _video_shortcode("https://vimeo.com/"),
    "soundcloud": _media_html,
    "tweet": _media_html,
}
_END_HTML: dict[str, Any] = {
    "caption": "</figure>",
    "wp_caption": "</figure>",
    "embed": "</p>",
    **dict.fromkeys(["gallery", "audio", "video", "playlist", "youtube", "vimeo", "soundcloud", "tweet"], ""),
}
