"""Pure: (stored links of a page, an observation) → what has changed."""
