"""Speed of the toolkit compared with other ways, as ratios measured in one run: `python -m benchmarks`."""
