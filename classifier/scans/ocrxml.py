"""What digitisation programmes hold already: pages as ALTO XML, PAGE XML and hOCR, read into lines with boxes.

ALTO 1 to 4 and PAGE 2009 to 2019 are known by their elements, whatever their namespace. Units are those of the file:
pixels, or tenths of millimetres or 1/1200 inch in some ALTO. Each format has a module of its own, and
:mod:`classifier.scans.markup` parses for all of them; this one tells them apart.
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Literal

from classifier.errors import InputError
from classifier.scan import ScanPage
from classifier.scans import alto, hocr, pagexml
from classifier.scans.markup import parse_html, parse_xml

Kind = Literal["alto", "page-xml", "hocr"]

SNIFFED = 4096
"""Bytes at the head of a file that are looked at to tell what it is."""

_XML_ROOT = re.compile(r"<(?:[A-Za-z][\w.-]*:)?(alto|PcGts)[\s>]")
_HOCR = re.compile(r"""class=["']ocr(_page|x_word|_line)|ocr-system|ocr-capabilities""")
_NAMES: dict[Kind, str] = {"alto": "ALTO", "page-xml": "PAGE XML", "hocr": "hOCR"}


def sniff(head: bytes) -> Kind | None:
    """Tell from the first :data:`SNIFFED` bytes which of the formats a file has, or that it has none."""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        text = head[: len(head) & ~1].decode("utf-16", errors="replace")
    else:
        text = head.decode("utf-8", errors="replace").removeprefix("\ufeff")
    if not text.lstrip().startswith("<"):
        return None
    if root := _XML_ROOT.search(text):
        return "alto" if root[1] == "alto" else "page-xml"
    return "hocr" if _HOCR.search(text) else None


@lru_cache(maxsize=1)
def read(data: bytes, kind: Kind) -> tuple[ScanPage, ...]:
    """Read all pages of a file. The last file read is remembered: its pages are asked for one by one.

    Raises
    ------
    InputError
        With code ``scan`` if the file is not well-formed, declares entities or holds no page.
    """
    if kind == "hocr":
        pages = tuple(hocr.pages(parse_html(data)))
    else:
        root = parse_xml(data)
        pages = tuple(alto.pages(root) if kind == "alto" else pagexml.pages(root))
    if not pages:
        raise InputError(f"no page in this {_NAMES[kind]} file; was it cut short?", code="scan")
    return pages
