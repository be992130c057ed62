"""The version of this package, for what it writes; a test compares it with pyproject.toml."""

VERSION = "0.2.0"
