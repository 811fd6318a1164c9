"""From claimed hosts to the next request: whom to ask now, and what may be asked."""
