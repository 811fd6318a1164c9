# The image holds both commands: `backlinks …` and `scrapy crawl seeds`. docker-compose.yml runs it beside PostgreSQL.
FROM python:3.13-slim AS build

RUN python -m venv /opt/backlinks
ENV PATH=/opt/backlinks/bin:$PATH
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY migrations migrations
COPY backlink_crawler backlink_crawler
RUN pip install --no-cache-dir --disable-pip-version-check --constraint constraints.txt .

FROM python:3.13-slim

# For pages that only a browser can read. It runs without its sandbox where the container's kernel rules forbid one.
RUN apt-get update && apt-get install --yes --no-install-recommends chromium && rm --recursive /var/lib/apt/lists/*
# BACKLINKS_HOME belongs to the user, so that a volume mounted there does too.
RUN useradd --uid 10001 --create-home backlinks \
    && install --directory --owner backlinks --group backlinks /var/lib/backlinks
COPY --from=build /opt/backlinks /opt/backlinks
ENV PATH=/opt/backlinks/bin:$PATH \
    BACKLINKS_HOME=/var/lib/backlinks \
    PYTHONUNBUFFERED=1
USER 10001
WORKDIR /home/backlinks
# No entry point: what follows the image's name is the command, one of the two above.
CMD ["backlinks", "--help"]
