"""The report of a school: one model, a writer for each format."""
