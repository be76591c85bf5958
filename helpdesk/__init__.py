"""The roof: settings, URLs, servers, Celery, demo data and embedded services. Nothing imports it but itself."""
