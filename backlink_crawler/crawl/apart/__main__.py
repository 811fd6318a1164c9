"""A child. What it sends its parent is of `child`, by that name."""

import sys

from backlink_crawler.crawl.apart.child import main

main(*map(int, sys.argv[1:]))
