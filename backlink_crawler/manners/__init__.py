"""Pure: robots.txt, addresses that are refused, back-off, and challenges of bot walls."""
