"""A researcher's data for R, SPSS or a spreadsheet, form by form, under pseudonyms."""
