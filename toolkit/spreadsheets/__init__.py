"""Any workbook (xlsx, ods, xls, csv) as plain cells, read safely. Knows no form."""
