"""From claimed hosts to the next request: which host gets one now, and for which page."""
