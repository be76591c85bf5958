"""How long a request has waited for a thread, as the web worker tells the application."""

# A key of the WSGI environment; seconds as a float.
WAITED = "pharos.waited_s"
