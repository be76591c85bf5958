"""Services of live chat: verbs that decide and write, keyword-only."""
