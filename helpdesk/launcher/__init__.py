"""`make run`: brings up stores, database, demo data and every process of one copy, and takes them down again."""
