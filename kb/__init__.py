"""Floor 3, the help centre: articles, translations, search."""
