"""What the project's performance claims rest on. `python -m benchmarks` measures them all; each prints ratios."""
