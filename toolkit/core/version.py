"""The version of this package, for what it writes; a test holds it to pyproject.toml."""

VERSION = "0.1.0"
