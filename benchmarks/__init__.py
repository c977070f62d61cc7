"""Benchmarks of banmian: test pages, peers, quality and speed. Not part of the installed package."""
