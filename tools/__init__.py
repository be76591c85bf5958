"""Programs for those who work on Pharos; the product never imports them."""
