"""Model directories tampered with, and what may be said of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import strategies as st

from classifier.errors import ExitCode, ModelError
from classifier.modeldir import CONFIG

T = TypeVar("T")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def refusal(call: Callable[[], object]) -> str:
    """Return the message with which a model is refused; it is one line that begins with the path."""
    with pytest.raises(ModelError) as caught:
        call()
    message = caught.value.message
    assert caught.value.exit_code is ExitCode.MODEL
    assert message.isprintable()
    assert len(message) < 400
    return message


def sound_or_refused(call: Callable[[], T]) -> T | None:
    """Return what ``call`` does, ``None`` where it refuses in one line. Any other exception is a failure."""
    try:
        return call()
    except ModelError as error:
        message = error.message
    assert message.isprintable()
    return None


def change_config(path: Path, **changes: object) -> None:
    """Change some keys of a configuration."""
    config = json.loads((path / CONFIG).read_bytes())
    (path / CONFIG).write_text(json.dumps(config | changes), "utf-8")
