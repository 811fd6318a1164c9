"""Pure: from what people hand in to seeds and targets."""
