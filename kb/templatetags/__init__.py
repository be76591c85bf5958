"""Template tags of the help centre."""
