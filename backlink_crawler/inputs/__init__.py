"""Pure: seeds and targets, from what people write."""
