"""banmian (版面): split a newspaper page into its articles and label each with a genre.

>>> from classifier import load_model
>>> model = load_model()
>>> for article in model.split(text):                                    # doctest: +SKIP
...     print(article.genre, article.title)

Importing this package imports neither scikit-learn nor jieba nor NumPy; the model pulls in what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from classifier.document import UNKNOWN, Article, Failure, Label, PageResult
from classifier.errors import BanmianError, ExitCode, InputError, LabelError, ModelError

if TYPE_CHECKING:
    from classifier.model import Model, load_model

__all__ = [
    "UNKNOWN",
    "Article",
    "BanmianError",
    "ExitCode",
    "Failure",
    "InputError",
    "Label",
    "LabelError",
    "Model",
    "ModelError",
    "PageResult",
    "load_model",
]


def __getattr__(name: str) -> object:
    """Import the model module when it is first asked for."""
    if name in ("Model", "load_model"):
        from classifier import model

        return getattr(model, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
