"""How fast the toolkit is beside other ways to do the same, as ratios measured in one run: `python -m benchmarks`."""
