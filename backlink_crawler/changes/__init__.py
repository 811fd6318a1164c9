"""Pure: (stored links of a page, what a visit saw) → what has become of them."""
