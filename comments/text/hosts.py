"""Normalized hosts of links, equal if a browser opens the same host."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address
import re
from socket import inet_aton, inet_ntoa
import unicodedata
from urllib.parse import unquote

MAX_HOST_LENGTH = 253  # characters of a host (RFC 1035)
_MAX_LABEL_LENGTH = 63
_MAX_RAW_LENGTH = MAX_HOST_LENGTH * 4  # decoded characters that are read, from the end
_END_OF_HOST = re.compile("[/?#]")
_A_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# Second-level labels under which the registry of a country registers names.
_SECOND_LABELS = frozenset(
    """
    ac ad asn asso co com ed edu gen go gob gouv gov gr gv id info ind law lg ltd me mil ne net nhs nom or org plc pp
    sch web
    """.split()  # noqa: SIM905 (a table)
)
_DOTS = str.maketrans("。．｡", "...")
# Characters that browsers remove from a host (status "ignored" in UTS 46).
_IGNORED = re.compile(
    "[\u00ad\u034f\u180b-\u180f\u200b-\u200d\u2060\u2064\ufe00-\ufe0f\ufeff\U0001bca0-\U0001bca3\U000e0100-\U000e01ef]+"
)


def host_of(address: str) -> str:
    """Return the normalized host of an absolute URL; empty if it has none.

    Labels that are not valid stay as they are typed: browsers open some of them, and their domain still counts. A host
    that is far too long is cut at its beginning, for the same reason.

    Unicode and punycode are equal. The URL is parsed as browsers do: a backslash ends the host, text before an @ is
    not part of it, %65 is a letter, and a soft hyphen is nothing.
    """
    _scheme, _slashes, rest = address.replace("\\", "/").partition("://")
    host_and_port = _END_OF_HOST.split(rest, 1)[0].rpartition("@")[2]
    if host_and_port.startswith("["):
        return normalize_ipv6(host_and_port[1:].partition("]")[0])
    host = host_and_port.partition(":")[0]
    return normalize_host(host) or _as_typed(host)


def normalize_ipv6(host: str) -> str:
    """Return the address in its shortest form, without brackets; empty if it is not an IPv6 address."""
    try:
        return IPv6Address(host).compressed
    except ValueError:
        return ""


def _as_typed(host: str) -> str:
    labels = [_normalize_label(label) or label[:_MAX_LABEL_LENGTH] for label in _labels(host) if label]
    return ".".join(labels)[-MAX_HOST_LENGTH:]


def _labels(host: str) -> list[str]:
    visible = _IGNORED.sub("", unquote(host))[-_MAX_RAW_LENGTH:]
    return unicodedata.normalize("NFKC", visible.translate(_DOTS)).casefold().strip(".").split(".")


def normalize_host(host: str) -> str:
    """Return the normalized host; empty if it is not valid."""
    labels = [_normalize_label(label) for label in _labels(host)]
    written = ".".join(labels)
    return _numeric(written) if all(labels) and len(written) <= MAX_HOST_LENGTH else ""


def _numeric(host: str) -> str:
    """Return an IPv4 address as browsers read it, such as 127.0.0.1 for 0x7f.1 and 0x7f.0x.1."""
    labels = host.split(".")
    if not _A_NUMBER.fullmatch(labels[-1]):
        return host
    try:
        return inet_ntoa(inet_aton(".".join("0" if label == "0x" else label for label in labels)))
    except OSError:
        return host


def parent_domains(host: str) -> Iterator[str]:
    """Yield the host and its parent domains: a.b.example, b.example, example."""
    while host:
        yield host
        host = host.partition(".")[2]


def registered_domain(host: str) -> str:
    """Return the part of a normalized host that one owner has registered: paper.co.uk for news.paper.co.uk.

    An IP address is returned as it is.
    """
    labels = host.split(".")
    if labels[-1].isdigit() or ":" in host:
        return host
    is_of_a_country = len(labels[-1]) == 2 and len(labels) > 1 and labels[-2] in _SECOND_LABELS
    return ".".join(labels[-3:] if is_of_a_country else labels[-2:])


def _normalize_label(label: str) -> str:
    """Return the label in ASCII; empty if it is not a valid label."""
    if len(label) > _MAX_LABEL_LENGTH:
        return ""
    try:
        written = _decode_punycode(label).encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return written if all(letter.isalnum() or letter in "-_" for letter in written) else ""


def _decode_punycode(label: str) -> str:
    """Return the decoded punycode label.

    Browsers map "faß" to xn--fa-hia, older ones to "fass". Here all three are equal.
    """
    if not label.startswith("xn--"):
        return label
    return unicodedata.normalize("NFKC", label[4:].encode("ascii").decode("punycode")).casefold()
