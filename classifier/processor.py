"""The processor: how many of its cores may be used."""

from __future__ import annotations


def cores() -> int:
    """Return the number of processor cores this process may use (affinity and container limits counted)."""
    import joblib

    return int(joblib.cpu_count())
