"""Import of comments from another system. `importer` is the entry point."""
