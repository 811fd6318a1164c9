"""Scrapy's settings, by stage; a reason beside each that differs from Scrapy's default. `-s NAME=value` overrides."""

import sys

from backlink_crawler import __version__

BOT_NAME = "backlink-crawler"
SPIDER_MODULES = ["backlink_crawler.crawl.spiders"]
NEWSPIDER_MODULE = "backlink_crawler.crawl.spiders"

# --- The loop ---------------------------------------------------------------------------------------------------------
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"  # psycopg's connections live on it
ASYNCIO_EVENT_LOOP = None if sys.platform == "win32" else "uvloop.Loop"  # 10–30 % more pages a second
REACTOR_THREADPOOL_MAXSIZE = 30  # look-ups of names wait in threads, and a wide crawl looks up many

# --- Who we are -------------------------------------------------------------------------------------------------------
USER_AGENT = f"{BOT_NAME}/{__version__}"  # BACKLINKS_CONTACT is added to it
DEFAULT_REQUEST_HEADERS = {
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",  # HTML is all that we read
    "Accept-Language": "*",  # whatever the site speaks by itself
}

# --- Manners ----------------------------------------------------------------------------------------------------------
DOWNLOAD_DELAY = 1  # seconds between two requests to one host
DOWNLOAD_DELAY_JITTER = 0  # Scrapy's default would halve the gap that a site asked for
CONCURRENT_REQUESTS_PER_DOMAIN = 1  # a host is asked one thing at a time
CONCURRENT_REQUESTS = 128  # many hosts at once
CONCURRENT_ITEMS = 1  # a page is one item: Scrapy makes so many tasks for each answer
ROBOTSTXT_OBEY = False  # manners/robots.py obeys it: Scrapy's middleware allows on 5xx and keeps nothing between runs

# What hosts share is bounded too, over all workers: at most so many hosts in work, and requests a second. 0: no bound.
# No bound is tighter than what one host alone is asked for, and without a DOWNLOAD_DELAY none holds.
BACKLINKS_DOMAIN_HOSTS = 2  # of a registrable domain
BACKLINKS_DOMAIN_REQUESTS = 4
BACKLINKS_SUFFIX_HOSTS = 16  # under a private public suffix, such as blogspot.com: strangers at one provider
BACKLINKS_SUFFIX_REQUESTS = 16
BACKLINKS_ADDRESS_HOSTS = 8  # at an IPv4 address, or in an IPv6 /64
BACKLINKS_ADDRESS_REQUESTS = 4

# A host that answers 429 or 503 is left alone by all workers (manners/back_off.py), for so many seconds.
BACKLINKS_BACK_OFF_FIRST = 60  # most limits are counted by the minute; twice as long after each further one in a row
BACKLINKS_BACK_OFF_LONGEST = 24 * 3600  # a nightly run tries again
BACKLINKS_RETRY_AFTER_LONGEST = 7 * 24 * 3600  # obeyed as it is up to a week, as is Crawl-delay; more says never

# --- Limits -----------------------------------------------------------------------------------------------------------
DOWNLOAD_TIMEOUT = 30  # seconds
DNS_TIMEOUT = 20
DOWNLOAD_MAXSIZE = 10 * 1024 * 1024  # bytes of a page, compressed and decompressed; sitemaps may have 50 MB
DOWNLOAD_WARNSIZE = 0  # the limit above says enough
SCRAPER_SLOT_MAX_ACTIVE_SIZE = 40 * 1024 * 1024  # bytes of bodies that are being read: beyond, nothing new is asked for

# --- SSRF protection: nothing leads inside ----------------------------------------------------------------------------
TWISTED_DNS_RESOLVER = "backlink_crawler.crawl.fetch.resolver.GuardedResolver"
DOWNLOAD_HANDLERS = {
    "http": "backlink_crawler.crawl.fetch.handlers.BriefKeepAlive",
    "https": "backlink_crawler.crawl.fetch.handlers.BriefKeepAlive",
    **dict.fromkeys(("data", "file", "ftp", "s3")),  # http and https only
}
# Cookies, proxies of the environment (which would lead around SSRF protection), the telnet console and remote control
# are none of the middlewares and extensions below.

# --- What belongs to the frontier -------------------------------------------------------------------------------------
# Of what Scrapy switches on by itself, what a crawl of ours needs is named here, and the rest is not even imported.
# Retries, redirects, scope, duplicates and depth are the frontier's; every status is an answer.
SCHEDULER = "backlink_crawler.crawl.fetch.scheduler.Queue"  # the frontier has sorted and deduplicated already
DOWNLOADER_MIDDLEWARES_BASE = {
    "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
    "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": 500,
    "backlink_crawler.crawl.fetch.middlewares.Decompress": 590,
}
SPIDER_MIDDLEWARES_BASE: dict[str, int] = {}
EXTENSIONS_BASE = {
    "scrapy.extensions.corestats.CoreStats": 0,
    "scrapy.extensions.logcount.LogCount": 0,
    "scrapy.extensions.memusage.MemoryUsage": 0,
    "scrapy.extensions.closespider.CloseSpider": 0,
    "scrapy.extensions.feedexport.FeedExporter": 0,
}

# --- The mission ------------------------------------------------------------------------------------------------------
# In …_BASE, as Scrapy has its own: so ITEM_PIPELINES and EXTENSIONS are yours, and yours come after them.
ITEM_PIPELINES_BASE = {
    "backlink_crawler.crawl.pipelines.NormalizeLinks": 100,
    "backlink_crawler.crawl.pipelines.TagLinks": 200,
    "backlink_crawler.crawl.pipelines.RecordLinks": 300,
}
EXTENSIONS_BASE |= {
    "backlink_crawler.crawl.fetch.guards.HtmlOnly": 0,
    "backlink_crawler.crawl.fetch.guards.RoomForBodies": 0,
    "backlink_crawler.crawl.progress.Progress": 0,
    "backlink_crawler.crawl.stopping.Stopping": 0,
    "backlink_crawler.crawl.watch.Watch": 0,
}
FEED_EXPORTERS = {"csv": "backlink_crawler.crawl.items.PagesCsv"}  # a line a page, and no formulas
FEED_EXPORT_ENCODING = "utf-8"  # anchors are written in all scripts

# --- Ours -------------------------------------------------------------------------------------------------------------
BACKLINKS_BATCH_PAGES = 100  # visits recorded in one transaction, at most
BACKLINKS_BATCH_SECONDS = 1.0  # and at least so often
BACKLINKS_LEASE_SECONDS = 60  # hosts of a worker that has died are free again after so long
BACKLINKS_DATABASE_WAIT_SECONDS = 600  # a database that goes away during a run is waited for
BACKLINKS_DOMAIN_NEW_HOSTS = 100  # of a domain that are admitted in 20 hours, beside those that seeds name
BACKLINKS_HOP_PAGES = 100  # page budget of a domain that hops find, when its seed names none
BACKLINKS_WORKERS = 1  # that are started together: `backlinks crawl --workers` says so
BACKLINKS_WORKER = ""  # the UUID that this worker goes by; empty: a new one
BACKLINKS_PROGRESS_PIPE = 0  # a file that is open, to tell how far it is; 0: it shows that itself

# Ranks the index when the last worker's run has ended (`backlinks rank`). Off: it reads the edges of the whole index,
# however small the run was, so that it is what a night does, and not each run of a day.
BACKLINKS_RANK_AT_END = False

# When a page is visited again: by how often its links change (frontier/revisit.py).
BACKLINKS_REVISIT_LEAST_HOURS = 20  # a nightly run that starts a little earlier than the last one finds it due
BACKLINKS_REVISIT_MOST_HOURS = 30 * 24
BACKLINKS_REVISIT_FIRST_HOURS = 3 * 24  # after the first reading
BACKLINKS_REVISIT_CHANGES = 0.7  # expected since the last visit: an even chance that there was one
BACKLINKS_MISSING_HOURS = 6  # to see whether a link that was missing is lost
BACKLINKS_VERIFY_AGAIN_SECONDS = 60  # the same, in a run that verifies: what fails for a moment is well again by then

# Pages that scripts write (frontier/rendering.py).
BACKLINKS_BROWSER = ""  # the program; empty: Playwright's own, or the system's Chromium
BACKLINKS_RENDER_PAGES = 2  # at once
BACKLINKS_RENDER_TIMEOUT = 60  # seconds a page, those included in which its host may not be asked
BACKLINKS_RENDER_SHARE = 0.1  # of a run's pages, where the crawler decides
BACKLINKS_RENDER_FEW = 50  # pages that may be rendered whatever their share
BACKLINKS_RENDER_TAIL = 0.2  # of a run's length so far, that only the browser may work on
BACKLINKS_RENDER_MINUTES = 60  # that the browser may work in a run

# --- What is printed --------------------------------------------------------------------------------------------------
LOG_LEVEL = "WARNING"  # Progress says what goes on
STATS_DUMP = False  # they are kept in `sources`
WARN_ON_GENERATOR_RETURN_VALUE = False
