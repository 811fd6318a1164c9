"""Pure: (old state, new facts) → what to do next. The clock and all state come as arguments."""
