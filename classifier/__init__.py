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

__version__: str

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
    "__version__",
    "load_model",
]


def __getattr__(name: str) -> object:
    """Import the model module, or look up the version, when it is first asked for."""
    if name in ("Model", "load_model"):
        from classifier import model

        return getattr(model, name)
    if name == "__version__":
        return _version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _version() -> str:
    """Return the version of banmian."""
    from importlib import metadata  # 10 ms that hardly anyone needs

    try:
        return metadata.version("banmian")
    except metadata.PackageNotFoundError:  # cli.py in a checkout that is not installed
        import tomllib
        from pathlib import Path

        project = tomllib.loads(Path(__file__).parents[1].joinpath("pyproject.toml").read_text(encoding="utf-8"))
        return str(project["project"]["version"])
