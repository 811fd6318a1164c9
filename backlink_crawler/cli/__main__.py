"""`python -m backlink_crawler.cli …`: `backlinks …`, wherever its program is."""

from backlink_crawler.cli import main

main()
