"""What tests stand on: real stores, database clones, a running system, a browser, a mail server."""
