"""The name of a file that holds one article, safe on every common file system."""

from __future__ import annotations

import re

from classifier.rendering.escaping import HIDDEN

NAME_BYTES = 120
"""Most UTF-8 bytes of an article's file name: half of what ext4, NTFS and APFS allow, and within eCryptfs's 143."""


_UNSAFE = re.compile(r'[\s_<>:"/\\|?*]+')
"""Separators, what Windows forbids, white space (a nuisance in shells), and ``_`` itself so that none are doubled."""


def file_name(stem: str) -> str:
    """Return ``stem`` + ``.txt`` as a name every common file system takes, at most ``NAME_BYTES`` long.

    Reserved names such as ``CON`` or ``LPT1`` get ``_`` in front; names never begin or end with a dot or space.
    """
    stem = _UNSAFE.sub("_", HIDDEN.sub("", stem))
    stem = stem.encode()[: NAME_BYTES - len(".txt") - 1].decode(errors="ignore").strip("_. -")
    if re.fullmatch(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", stem) or not stem:
        stem = "_" + stem
    return stem + ".txt"
