"""Comments of another system become ours, many at once: `intake` is the way in."""
