"""Pure: (old state, new facts) → what to do next. The clock and all state are arguments."""
