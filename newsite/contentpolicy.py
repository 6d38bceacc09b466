"""The Content-Security-Policies: what a page may load, and from where."""

from csp.constants import NONCE, NONE, SELF, UNSAFE_INLINE

from articles.embeds import FRAME_SOURCES

# Public pages are the same bytes for everyone, so their policy is constant and needs no nonce.
PUBLIC = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "img-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "frame-src": FRAME_SOURCES,  # only after a reader's click
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [NONE],
}
# The article editor brings an import map of its own (a nonce) and sets styles on what is being written.
STAFF = {
    **PUBLIC,
    "script-src": [SELF, NONCE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:"],
}
