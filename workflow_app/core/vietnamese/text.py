"""Search form and input cleaning of Vietnamese text.

Everything is computed here, not in PostgreSQL, so that an installation needs neither the `unaccent`
extension nor an ICU collation and all of them behave alike.
"""

import re
import unicodedata

# đ has no decomposition. Old keyboards and scanned papers bring the look-alikes eth (ð) and African d (ɖ).
_D_LETTERS = str.maketrans({"đ": "d", "ð": "d", "ɖ": "d"})

# Letters and symbols that print as nothing although Unicode does not class them as format characters:
# the Hangul fillers and the blank Braille cell. A title made of them would look empty.
_BLANK_GLYPHS = frozenset("\u115f\u1160\u3164\uffa0\u2800")

_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_SEARCH_WORD = re.compile(r"[^\W_]+")


def nfc(text: str) -> str:
    """The composed form (Unicode NFC), the only one that is stored."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The search form of a text: lower case, no diacritics, single spaces, nothing invisible.

    Equal for NFC and NFD input and for both tone placements ("hoà" and "hòa", "uỷ" and "ủy").
    `fold(fold(x)) == fold(x)`. The result can always be stored in PostgreSQL (no NUL, no surrogate).

    >>> fold("  Đoàn viên ưu tú,  UỶ BAN ")
    'doan vien uu tu, uy ban'
    """
    letters = unicodedata.normalize("NFKD", text).casefold()
    kept = (char for char in letters if not _is_mark(char) and not _is_invisible(char))
    return " ".join("".join(kept).translate(_D_LETTERS).split())


def search_words(query: str) -> tuple[str, ...]:
    """The words a query asks for, folded, in the order typed, each once.

    A word has only letters and digits, so it can stand unescaped in a LIKE or in a regular expression.

    >>> search_words("03/BB-BCH họp")
    ('03', 'bb', 'bch', 'hop')
    """
    return tuple(dict.fromkeys(_SEARCH_WORD.findall(fold(query))))


def matches(query: str, text: str) -> bool:
    """Whether every word of the query begins some word of the text, in any order.

    A query without a word (empty, or only punctuation) matches everything.

    >>> matches("uoc giao", "Giao ước thi đua"), matches("an", "Lan")
    (True, False)
    """
    words = search_words(text)
    return all(any(word.startswith(wanted) for word in words) for wanted in search_words(query))


def clean_line(text: str) -> str:
    """One line as typed by a person, made safe to store, print and put into XML.

    NFC; every kind of space, tab and line end becomes one plain space; zero-width, bidirectional and
    control characters, surrogates and non-characters are dropped; the ends are trimmed. Idempotent.
    Raises ValueError (Vietnamese sentence) for a NUL: no keyboard sends one.
    """
    return " ".join(_clean(text).split())


def clean_text(text: str) -> str:
    r"""Several lines as typed by a person: as clean_line, but line ends stay, as "\n".

    Spaces inside a line and its indent stay (as plain spaces or tabs), spaces at its end go, and so do
    empty lines at both ends of the text. Idempotent. Raises ValueError (Vietnamese sentence) for a NUL.
    """
    lines = (line.rstrip() for line in _clean(text).split("\n"))
    return "\n".join(lines).strip("\n").strip()


def _clean(text: str) -> str:
    if "\0" in text:
        raise ValueError("Nội dung có ký tự rỗng (NUL) nên không lưu được. Xóa ký tự đó rồi gửi lại")
    text = _LINE_ENDS.sub("\n", text)
    kept = (_plain_space(char) for char in text if not _is_invisible(char))
    # NFC comes last: a dropped character may have stood between a letter and its mark.
    return nfc("".join(kept))


def _plain_space(char: str) -> str:
    return " " if unicodedata.category(char) == "Zs" else char


def _is_mark(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Me"}


def _is_invisible(char: str) -> bool:
    """Zero-width, bidirectional, control (but not space), surrogate, non-character, blank glyph."""
    category = unicodedata.category(char)
    if category in {"Cf", "Cs"} or char in _BLANK_GLYPHS:
        return True
    if category == "Cc":
        return not char.isspace() or char == "\x1f"
    point = ord(char)
    return point & 0xFFFE == 0xFFFE or 0xFDD0 <= point <= 0xFDEF
