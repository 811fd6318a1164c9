"""Pure: page bytes → links and facts. Shared by crawl, rendering and archives."""
