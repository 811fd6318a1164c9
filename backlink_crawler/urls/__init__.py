"""Pure: what a URL is, which domain it belongs to, whether a seed wants it."""
