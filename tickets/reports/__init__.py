"""Reports: what can be asked, what each figure means, and how it is drawn and written; knows no row."""
