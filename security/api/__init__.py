"""How the API knows who calls and what they may do."""
