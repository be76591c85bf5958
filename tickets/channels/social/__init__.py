"""What every social channel has in common: the shapes of what comes in and goes out, and the list of channels."""
