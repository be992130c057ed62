"""The version of this package, for its output files; a test compares it with pyproject.toml."""

VERSION = "0.2.0"
