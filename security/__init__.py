"""Floor 2, proving and permitting: sign-in, second factors, sessions, tokens, redaction."""
