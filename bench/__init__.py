"""Benchmarks: ratios within one run, on data that each makes for itself."""
