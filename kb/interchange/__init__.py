"""Articles as files of others and of our own: read into one shape, which kb.services.importing takes."""
