"""A self-hosted backlink index: who points to X, how, with which words, since when."""

__version__ = "0.1.0"
