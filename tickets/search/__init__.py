"""The language of the desk's search box: pure, no database."""
