"""How a request goes out, and how its answer is taken in."""
