"""The browser: which pages it renders, and what it gets for them."""
