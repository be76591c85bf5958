"""Search that understands: words of each language, synonyms, typing errors, and a rank that readers would give."""
