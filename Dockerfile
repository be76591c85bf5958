# syntax=docker/dockerfile:1
# One image, several processes: the command of each stands in docker-compose.yml.

FROM node:24-bookworm-slim AS frontend
WORKDIR /build/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci --no-audit --no-fund --ignore-scripts
COPY frontend/ ./
COPY templates/ ../templates/
RUN npm run build

FROM python:3.13-slim-bookworm AS packages
ENV UV_PYTHON_DOWNLOADS=never PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /build
COPY requirements/uv.txt requirements/production.txt requirements/
RUN python -m venv /opt/uv && /opt/uv/bin/pip install --quiet --require-hashes -r requirements/uv.txt \
 && python -m venv --without-pip /opt/pharos \
 && /opt/uv/bin/uv pip sync --require-hashes --compile-bytecode --python /opt/pharos/bin/python requirements/production.txt

FROM python:3.13-slim-bookworm AS runtime
RUN groupadd --system --gid 10001 pharos \
 && useradd --system --uid 10001 --gid pharos --home-dir /nonexistent --no-create-home --shell /usr/sbin/nologin pharos
ENV PATH=/opt/pharos/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=helpdesk.settings.production VAR_DIR=/var/lib/pharos
WORKDIR /srv/pharos
COPY --from=packages /opt/pharos /opt/pharos
COPY manage.py ./
COPY accounts accounts
COPY core core
COPY kb kb
COPY livechat livechat
COPY security security
COPY tickets tickets
COPY helpdesk helpdesk
COPY sandbox sandbox
COPY locale locale
COPY templates templates
COPY --from=frontend /build/helpdesk/static/dist helpdesk/static/dist
# Settings refuse to load without keys and addresses: these are thrown away with the layer's shell.
RUN pybabel --quiet compile --directory=locale --domain=django \
 && install --directory --owner=pharos --group=pharos /var/lib/pharos /var/lib/pharos/media /var/lib/pharos/run \
    /var/lib/pharos/restricted /var/lib/pharos/anchors /var/lib/pharos/verifier /var/lib/pharos/sandbox \
 && SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(64))') \
    PHAROS_FIELD_KEYS=none PHAROS_MAIL_KEYS=none PHAROS_SEAL_PUBLIC_KEY=none PHAROS_GATEWAY_KEY=none \
    PHAROS_SITE_URL=https://site.invalid PHAROS_CONTENT_URL=https://content.invalid \
    PHAROS_MAIL_DOMAIN=site.invalid PHAROS_SYSTEM_MAIL_FROM=none@site.invalid \
    DATABASE_URL=postgres://none@none/none REDIS_URL=redis://none:6379/0 \
    python manage.py collectstatic --noinput --verbosity 0
USER 10001:10001
VOLUME /var/lib/pharos/media /var/lib/pharos/restricted /var/lib/pharos/anchors /var/lib/pharos/verifier
EXPOSE 8000 8001 8002 2525
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-m", "helpdesk.probe", "web"]
CMD ["gunicorn", "helpdesk.wsgi:application"]
