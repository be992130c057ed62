"""The Excel form: written, and read back. One layout, in one place."""
