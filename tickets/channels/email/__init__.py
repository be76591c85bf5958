"""E-mail: the parts of the channel that need no database (reading, writing, signed addresses) and those that do."""
