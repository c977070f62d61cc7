"""Fitting: word vectors, the passes of the boundary model, the genre model. The only package with scikit-learn.

Everything is deterministic for the same data and seed. Nothing here reads files or prints. What a whole model is fitted
with can be had from here; the rooms have the rest.
"""

from classifier.training.boundaries import (
    FIRST_L2,
    SECOND_L2,
    AspectSample,
    adapt_segmenter,
    calibrate_segmenter,
    draft_segmenter,
    first_sample,
    first_scale,
    install,
    second_sample,
    set_pages,
    third_sample,
)
from classifier.training.genres import Topics, adapt_genre, fit_genre, fit_temperature, fit_topics
from classifier.training.lexicon import Lexicon, fit_lexicon
from classifier.training.linear import Linear, Sample, fit_linear
from classifier.training.memory import genre_memory

__all__ = [
    "FIRST_L2",
    "SECOND_L2",
    "AspectSample",
    "Lexicon",
    "Linear",
    "Sample",
    "Topics",
    "adapt_genre",
    "adapt_segmenter",
    "calibrate_segmenter",
    "draft_segmenter",
    "first_sample",
    "first_scale",
    "fit_genre",
    "fit_lexicon",
    "fit_linear",
    "fit_temperature",
    "fit_topics",
    "genre_memory",
    "install",
    "second_sample",
    "set_pages",
    "third_sample",
]
