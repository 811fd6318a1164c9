"""Pure: what a host allows, where nothing leads, how long to wait, and answers that are no reading."""
