"""WSGI entry of the sandbox exchange; the first start makes its file, its key and its customers."""

import os

from django.core.wsgi import get_wsgi_application

from sandbox import people, signing, storage

# Whatever the environment says for Pharos, here it is the sandbox's own settings.
os.environ["DJANGO_SETTINGS_MODULE"] = "sandbox.settings"
storage.prepare()
with storage.work() as work:
    signing.ensure(work)
    people.seed(work)

application = get_wsgi_application()
