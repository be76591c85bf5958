"""Floor 1, who people are: staff, teams, brands, customers and their addresses."""
