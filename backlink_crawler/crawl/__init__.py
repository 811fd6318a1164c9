"""The only Scrapy: what the frontier hands out is fetched, read and handed to the store."""
