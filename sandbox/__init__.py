"""A stand-in exchange: accounts, a sign-in site, the core that executes actions. It imports nothing of Pharos'."""
