"""Bytes to text: which encoding a page is in, and its text.

Decoding is strict: a page is either the text its author saw or an :class:`~classifier.errors.InputError` that says
where it stops making sense. Nothing is replaced or dropped, because every later offset indexes the decoded string.
Byte offsets in messages are 0-based and count from the start of the file, byte order mark included.
"""

from __future__ import annotations

import codecs
import functools
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier.errors import InputError
from classifier.files import read_bytes
from classifier.text.paragraphs import codepoints

_BOMS = (
    # UTF-32-LE before UTF-16-LE: its mark begins with the other's.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)

_MAGIC = (
    (b"\x89PNG\r\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"%PDF-", "a PDF document"),
    (b"PK\x03\x04", "a ZIP archive or an Office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office document"),
    (b"\x1f\x8b\x08", "gzip data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x7fELF", "an ELF program"),
    (b"{\\rtf", "an RTF document"),
)

_HTML = rb"(?is)(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])"
"""How a web page begins: what is read of it would be its markup."""

_XML = rb"(?i)(?:\xef\xbb\xbf)?\s*(?:<!--[^>]*-->\s*)*<(?:\?xml\s|!doctype\s|[a-z][\w.:-]*\s[^<>]*\bxmlns\b)"
"""How XML begins that is no layout file, as those are not read here."""

_CODECS = {
    # cp950 first: it is what Windows and iconv mean by Big5 (Python's "big5" and "big5hkscs" read A145 as a bullet and
    # A241 as a full-width solidus). HKSCS has the Hong Kong characters that cp950 lacks.
    "big5": ("cp950", "big5hkscs"),
}

_LABELS = {"big5": "Big5"}
"""How messages write the encodings that are not written in capitals."""

_SUPERSETS = {
    # What calls itself GB2312 or GBK is decoded with its superset, as browsers do, so that one character outside the
    # smaller set does not lose a page.
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "utf-8-sig": "utf-8",
}

_NOT_TEXT_CODECS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined", "charmap"}
)
"""Codecs that Python counts as text encodings but in which no page was ever stored; ``utf-7`` and the escapes would
turn plain ASCII into something else."""

_REMEDY = "pass --encoding NAME"
_INVALID = f"not valid {{label}} at byte {{position}}; {_REMEDY}"
_INVALID_LEGACY = f"not valid UTF-8 or {{label}} at byte {{position}}; {_REMEDY}"
_INVALID_FORCED = "not valid {label} at byte {position}; pass another --encoding NAME, or none to have it found"
_CUT_SHORT = "cut short: UTF-8 that ends within the character at byte {position}; get the whole file again"
_NOT_TEXT = f"not a text file; {_REMEDY} if it is one"

_SAMPLE = 1 << 16
"""Bytes looked at when guessing, so that 50 MB cost no more than a page. Ten characters do; see ``_FREQUENT``."""

_CONTROLS = bytes([*range(0x01, 0x09), *range(0x0E, 0x1A), 0x7F])
"""Control characters that text does not have. NUL has a message of its own; 1A (the end-of-file mark of DOS), ESC
and the separators 1C-1F do occur in text. None is ever part of a longer character in UTF-8, GB18030 or Big5."""

_SUSPICIOUS = _CONTROLS + bytes([0x0B, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F])
"""What makes valid UTF-8 worth a second look: of 80,000 headlines of 8 characters in UTF-16, 173 are valid UTF-8 too,
and all but 13 of these have one of these controls."""

_CONTROL_SHARE = 1 / 30
"""More control characters than this are not text: random bytes have one in 12, text next to none."""

_BROKEN_SHARE = 1 / 10
"""More undecodable characters than this, in the best of all readings, are not damaged text but no text: random bytes
have about one in 6; one wrong byte spoils one or two characters."""

_UTF16_PRIOR = -4.0
"""Nats taken from a reading as UTF-16, which rarely comes without its mark. Of 26,000 headlines of 6 characters 2 in
UTF-16 are lost by it and none of 8; with 8 nats 15 and 1 would be."""

_UTF16_COMMON = 0.6
"""Least share of everyday characters in UTF-16 without a mark: real text has 0.99, random bytes have 0.12, and the
headline of eight characters with three rare ones occurs."""

_UTF16_LEAST = 8
"""Least number of bytes taken for UTF-16 without a mark: ``caf\\xe9`` is two everyday Han characters."""

_EVIDENCE_SLACK, _EVIDENCE_EACH = -10.0, -2.0
"""Evidence for Chinese below ``slack + each * n_han`` nats refuses a reading. The least of 40,000 headlines was -18 for
6 characters, -23 for 10 and -30 for 30; of 15,000 articles -1.8 a character (a list of foreign names). Japanese in
Shift_JIS read as GB18030 has -9 a character. Korean in EUC-KR (-1.5) is not told from a list of names."""

_FREQUENT = (
    "的一中在人是不年大有了国和新國上全作生我日要地出行以成家能到展化方部工月主同力发民多高等他重建發合为"
    "理加公平政會面会业市前下自用定法就持者事天分提時個心共業通也代美表动近好文推來本可时這度子對对进動治"
    "得入来个量進期性着次实示制保道實社更正學基之安深增黨目产向小海外明其科特委系这学最关开元体交現十利现"
    "起比各相品都情长第经們水技式經體開爲為已院金活意今信任產位而党局長關央立三管過所务斯北此机程区造於看"
    "物于色如解機去想与及後强指西过路名员服企強被源教后研至求司南把然受流手與们打二務場场记总设常将步因收"
    "育那查但果精接員你回省放她區支资四將升總里口老改施商台些題报域從当車球界做設記集件當完防消京村報點世"
    "原型五快問江从身效思习山先習取案首感空电引投整内超供需克军领点说车知间万還間走形內很資统告考領戰应数"
    "軍城两题格创女神反使統未规導規列落兩战命问续议風只由智据模布联革數导州息裏電校應客萬少堅席还拉调史再"
    "真每沒策議书己創直清非義影境运越調根项华融坚種青并始具續麼書风门称友计网突易组东華质略济聯俄才际火究"
    "據士病或航助族決並旅互組德巴王核光運值說説速項何門李种質無隊處計注义濟又河什監致結志率必级达包往紀察"
    "樣府处東伊健百结站术降網亿队破足周林警專决級某促护達景标食善普传带律春农片字望准干协举益费限没批份团"
    "障无切线广官器视容術态依存游頭段朗控专汽花功款底價醫認變排医股武港際孩確住低确團英房讓福众办標宣气救"
    "稱副話言候費构让舉傳价监帶例责变線太演媒播死白佈辦认馬沙便置嚴氣象聚億八马見廣態土复失幹群念護显博視"
    "均优培節責它历協节條算古像料農备配米充星单眼转修阿半班参別準居急照该条早觀備構环歷约承優單户权见論斷"
    "头刻除介該難营羣兒论断样话張署給停富康措张别证观曾密顯亚守室驗势初邊參檢验稳維织预害尼尔图边勢类即爾"
    "待轉涉纪装售么類希抓賽季遊約湖營留織给督极夫严维千證闻午男亞送晚素击划圖卡裝印难微索故章選牌層选油權"
)
"""The 800 most frequent Han characters of news, most frequent first, Simplified and Traditional weighted alike.

Counted in 10 million characters of newspaper, agency, broadcast and web text of 2022-2026, the Traditional half
converted by OpenCC. Ranks 1-100 are 34 % of the Han characters of a text, 1-400 65 %, 1-800 82 %. Of 20,000 real
headlines in both scripts and every encoding (174,000 cases), cut to 6 characters, 173 are mistaken, 153 of them UTF-16
that is valid UTF-8; to 8 characters 14, 13 of them such; to 10 characters 3. In a smaller trial with 6 characters the
first 400 made eight mistakes where 800 and 1,600 made one.
"""


_NEVER = -17.0
"""Log-likelihood, in nats, of what Chinese text does not have."""


@functools.cache
def _log_likelihood() -> NDArray[np.float32]:
    """Return ln P(code point) in Chinese text: float32 of shape (65536,), in nats; look up with ``mode="clip"``.

    The steps come from the counts behind ``_FREQUENT``; what news hardly ever has is graded by how likely mojibake is
    to produce it. Made on first use: a UTF-8 page needs none of this.
    """

    def at(characters: str) -> NDArray[np.uint16]:
        return np.frombuffer(characters.encode("utf-16-le"), dtype="<u2")

    table = np.full(0x10000, _NEVER, dtype=np.float32)  # controls, bopomofo, private use, Hangul, beyond the BMP, ...
    table[0x20:0x7F] = -7.0
    table[at("\t\n\r 0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = -5.0
    table[0xA0:0x2000] = -14.0  # accented Latin, Greek, Cyrillic, ...
    table[0x2000:0x2700] = -12.0  # symbols
    table[0x3000:0x3100] = -13.0  # kana
    table[0x3200:0x3400] = -13.0  # enclosed characters, units such as U+33A1
    table[0x3400:0x4DC0] = -16.5  # extension A
    table[0x4E00:0xA000] = -15.7
    table[0xFE30:0xFE70] = -12.0  # vertical and small punctuation
    table[0xFF00:0xFF66] = -11.5  # full-width ASCII
    # GB2312 level 1 (3,755 characters by reading) and Big5 level 1 (5,401 by strokes): what schools teach.
    level_1 = bytes(byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell))
    table[at(level_1[: -2 * 5].decode("gb2312"))] = -10.5  # the last row ends at D7F9
    cells = (*range(0x40, 0x7F), *range(0xA1, 0xFF))
    level_1 = bytes(byte for row in range(0xA4, 0xC7) for cell in cells for byte in (row, cell))
    table[at(level_1[: -2 * 94].decode("big5"))] = -10.5  # the last row ends at C67E
    table[at(_FREQUENT[:100])] = -5.9
    table[at(_FREQUENT[100:400])] = -7.0
    table[at(_FREQUENT[400:])] = -7.9
    table[at("“”‘’：；？！（）《》〈〉【】「」『』—…·〇\u3000")] = -7.0
    table[at("，。、")] = -3.9
    return table


@dataclass(frozen=True, slots=True)
class _Reading:
    """How a sample reads in one encoding."""

    encoding: str
    likelihood: float
    """Log-likelihood of the sample as Chinese text, in nats. All readings have the same bytes, so they compare."""
    evidence: float
    """What speaks for Chinese and against mojibake, in nats, summed over Han characters and all that looks as strange
    as mojibake does. 0 for a text of ASCII; +1 to +2 a character in news."""
    n_han: int
    """Number of code points that ``evidence`` is summed over."""
    common: float
    """Share of everyday characters: ASCII, Chinese punctuation, Han of level 1."""
    is_broken: bool
    """Whether undecodable bytes and controls are so many that these are not damaged text but no text."""

    @property
    def is_chinese(self) -> bool:
        """Whether nothing speaks conclusively against this being Chinese."""
        return self.evidence >= _EVIDENCE_SLACK + _EVIDENCE_EACH * self.n_han


def _read_sample(sample: bytes, encoding: str, *, final: bool) -> _Reading:
    """Read ``sample`` leniently in ``encoding`` and judge it; not ``final`` forgives a character cut at the end.

    Lenient only here: the text is thrown away, and the encoding that reads best then has to decode everything.
    """
    codec = _CODECS.get(encoding, (encoding,))[-1]  # the one that has the most characters
    points = codepoints(codecs.getincrementaldecoder(codec)("replace").decode(sample, final))
    nats = _log_likelihood().take(points, mode="clip")
    # Of what lies above the kana, only symbols and full-width forms are in place in any text.
    symbols = ((points >= 0x3200) & (points < 0x3400)) | ((points >= 0xFE30) & (points < 0xFFF0))
    han = (points >= 0x3040) & ~symbols
    n_points = max(1, len(points))
    n_broken = int(((points == 0xFFFD) | (nats == _NEVER) & (points < 0xA0)).sum())
    return _Reading(
        encoding,
        likelihood=float(nats.sum(dtype=np.float64)) + (_UTF16_PRIOR if encoding.startswith("utf-16") else 0.0),
        # -8.6 is what a character has to be worth: midway between news (-6.9 on average) and a text of level-1
        # characters in equal shares (-10), which is what most mojibake is.
        evidence=float((nats[han] + 8.6).sum(dtype=np.float64)),
        n_han=int(han.sum()),
        common=float((nats > -11.0).sum()) / n_points,
        is_broken=n_broken > max(3, _BROKEN_SHARE * n_points),
    )


def _decode_all(data: bytes, encoding: str, *, skip: int = 0, complaint: str = _INVALID) -> str:
    """Decode ``data[skip:]`` strictly.

    Raises
    ------
    InputError
        With code ``decode``, naming the first byte of the first character that is not in ``encoding``.
    """
    position = 0
    for codec in _CODECS.get(encoding, (encoding,)):
        try:
            return str(memoryview(data)[skip:], codec)
        except UnicodeDecodeError as error:
            position = max(position, skip + error.start)
            # No encoding would do where a copy or a cut by bytes stopped in the middle of a character.
            if encoding == "utf-8" and error.reason == "unexpected end of data":
                complaint = _CUT_SHORT
    label = _LABELS.get(encoding, encoding.upper())
    raise InputError(complaint.format(label=label, position=position), code="decode")


def _refuse_controls(sample: bytes) -> None:
    """Raise :class:`InputError` with code ``binary`` where ASCII-compatible text has too many control characters."""
    n_controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if n_controls > max(1, _CONTROL_SHARE * len(sample)):
        raise InputError(f"{n_controls} control characters: {_NOT_TEXT}", code="binary")


def _refuse_nul(data: bytes) -> None:
    """Raise :class:`InputError` with code ``binary`` where ASCII-compatible text has a NUL."""
    nul = data.find(0)
    if nul >= 0:
        raise InputError(f"NUL byte at byte {nul}: {_NOT_TEXT}", code="binary")


def find_codec(encoding: str) -> str:
    """Return Python's canonical name of the text encoding a user asked for, or raise with code ``encoding``."""
    # "GB-18030" and "Big 5" are how people write them; Python knows them without the separator.
    for name in (encoding, re.sub(r"[^0-9A-Za-z]", "", encoding)):
        try:
            canonical = codecs.lookup(name[:64]).name
            b"a".decode(canonical)
        except UnicodeDecodeError:
            pass  # a text encoding: "a" is half a character of UTF-16
        except (LookupError, ValueError):
            continue  # no such codec, or one from bytes to bytes such as "hex"
        if canonical in _NOT_TEXT_CODECS:
            break
        return _SUPERSETS.get(canonical, canonical)
    # ascii() keeps the message on one printable line whatever was typed.
    raise InputError(
        f"unknown text encoding {encoding[:64]!a}; pass one such as utf-8, gb18030, big5 or utf-16", code="encoding"
    )


def _decode_forced(data: bytes, encoding: str) -> tuple[str, str]:
    name = find_codec(encoding)
    if name in {"utf-16", "utf-32"}:
        # Python would take a missing mark for the byte order of this machine.
        big = data.startswith(codecs.BOM_UTF16_BE if name == "utf-16" else codecs.BOM_UTF32_BE)
        name += "-be" if big else "-le"
    text = _decode_all(data, name, complaint=_INVALID_FORCED)
    return text.removeprefix("\ufeff"), name


def _guess(data: bytes, first_bad: int | None) -> _Reading:
    """Return the best reading of bytes without a mark that are not plainly UTF-8, or raise with code ``binary``.

    ``first_bad`` is the first byte that is not UTF-8, ``None`` where the bytes are UTF-8 but hold NUL or controls.
    """
    start = 0
    if first_bad is not None and first_bad >= _SAMPLE // 2:
        # A long ASCII head says nothing: begin where something else does. That is a lead byte in every candidate.
        high = re.search(rb"[\x80-\xff]", data)
        start = high.start() & ~1 if high and high.start() >= _SAMPLE // 2 else 0
    sample = data[start : start + _SAMPLE]
    final = start + _SAMPLE >= len(data)
    # What is valid UTF-8 is judged only against UTF-16, the one candidate that has NULs and controls. An odd number of
    # bytes is judged too: UTF-16 cut short should be called that, and decoding it will.
    candidates = ["utf-8"] if first_bad is None else ["utf-8", "gb18030", "big5"]
    if len(data) >= _UTF16_LEAST:
        candidates += ["utf-16-le", "utf-16-be"]
    readings = [_read_sample(sample, candidate, final=final) for candidate in candidates]
    best = max(
        (r for r in readings if not r.encoding.startswith("utf-16") or (r.is_chinese and r.common >= _UTF16_COMMON)),
        key=lambda r: r.likelihood,
    )
    if not best.encoding.startswith("utf-16"):
        _refuse_nul(data)
        _refuse_controls(sample)
        if best.is_broken and first_bad is not None:  # else the U+FFFD are the text's own
            raise InputError(f"no text in any encoding tried: {_NOT_TEXT}", code="binary")
    return best


def decode(data: bytes, *, encoding: str | None = None, markup: bool = False) -> tuple[str, str]:
    """Decode a page.

    Tried in this order: a byte order mark; UTF-8; then, only for bytes that are not plainly UTF-8, whichever of UTF-8,
    UTF-16 without a mark, GB18030 and Big5 makes the likeliest Chinese of them. The winner has to decode every byte.

    Parameters
    ----------
    data
        The bytes of the whole file.
    encoding
        Name of the encoding to use instead of looking for it: the bytes are then taken for text whatever they are.
        GB2312 and GBK are read with their superset GB18030, Big5 with the additions of cp950 and, where these do not
        do, of HKSCS.
    markup
        Whether a web page or XML is welcome; without it is refused, as what would be read is its markup.

    Returns
    -------
    tuple of str
        The text without its byte order mark, and the encoding: ``utf-8`` (also for ASCII and for no bytes at all),
        ``utf-16-le``, ``utf-16-be``, ``utf-32-le``, ``utf-32-be``, ``gb18030``, ``big5``, or Python's name of the one
        asked for. Decoding again with that name gives the same text.

    Raises
    ------
    InputError
        With code ``encoding`` if ``encoding`` is not a text encoding, ``decode`` if the bytes are not text in the one
        asked for or found (the message names the first bad byte) or in any, ``binary`` if they are no text at all.
    """
    if encoding is not None:
        return _decode_forced(data, encoding)
    if not markup and b"<" in data[:64]:
        if re.match(_HTML, data[:4096]):
            raise InputError("a web page, not a text file; extract its text first", code="binary")
        if re.match(_XML, data[:4096]):
            raise InputError("XML, but not ALTO, PAGE or hOCR; extract its text first", code="binary")
    for mark, name in _BOMS:
        if data.startswith(mark):
            text = _decode_all(data, name, skip=len(mark))
            if name in {"utf-8", "gb18030"}:
                _refuse_nul(data)
            _refuse_controls(text[:_SAMPLE].encode())
            return text, name
    for magic, kind in _MAGIC:
        if data.startswith(magic):
            raise InputError(f"{kind}, not a text file; extract its text first", code="binary")
    first_bad = None
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError as error:
        first_bad = error.start
    else:
        head = data[:_SAMPLE]
        if 0 not in data and len(head.translate(None, _SUSPICIOUS)) == len(head):
            return text, "utf-8"
    best = _guess(data, first_bad)
    # UTF-8 wins also where it is damaged, and this raises then: what reads best as UTF-8 but for a few bytes would be
    # mojibake in GB18030, which gives a meaning to nearly any bytes.
    if best.encoding not in {"gb18030", "big5"}:
        return _decode_all(data, best.encoding), best.encoding
    text = _decode_all(data, best.encoding, complaint=_INVALID_LEGACY)
    if not best.is_chinese:
        raise InputError(
            f"not valid UTF-8 at byte {first_bad}, nor Chinese in GB18030, Big5 or UTF-16; {_REMEDY}", code="decode"
        )
    return text, best.encoding


def read(path: Path, *, encoding: str | None = None) -> tuple[str, str]:
    """Read and decode one file; ``encoding`` and the result are those of :func:`decode`.

    A FIFO is read to its end. A device or a socket is refused: it may have no end.

    Raises
    ------
    InputError
        With code ``missing``, ``unreadable``, or one of :func:`decode`. The message does not name the path.
    """
    return decode(read_bytes(path), encoding=encoding)
