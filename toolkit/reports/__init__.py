"""What a director gets: one report of sections, and a writer per format."""

from toolkit.reports.writing import FORMATS, write_report, write_reports

__all__ = ["FORMATS", "write_report", "write_reports"]
