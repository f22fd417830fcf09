"""Counts, numbers in words, list letters and Roman numerals of official documents."""

from workflow_app.core.vietnamese.numbers import format_number

_DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
_GROUPS = ("", " nghìn", " triệu")
_LIST_LETTERS = "abcdđeghiklmnopqrstuvxy"
_ROMAN = (
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
)


def two_digits(count: int) -> str:
    """A count in official text, with a zero before a single digit: "04", "14", "1.250".

    Raises ValueError for a negative count.
    """
    if count < 0:
        raise ValueError(f"a count cannot be negative: {count}")
    return f"0{count}" if count < 10 else format_number(count)


def spell(number: int) -> str:
    """A number in words, 0 to 999.999.999, as primary school teaches it.

    >>> spell(14), spell(21), spell(105), spell(24)
    ('mười bốn', 'hai mươi mốt', 'một trăm linh năm', 'hai mươi tư')
    """
    if not 0 <= number <= 999_999_999:
        raise ValueError(f"only 0 to 999999999 can be spelled, not {number}")
    if number == 0:
        return _DIGITS[0]
    words: list[str] = []
    for index in (2, 1, 0):
        group = number // 1000**index % 1000
        if group:
            words.append(_spell_group(group, full=bool(words)) + _GROUPS[index])
    return " ".join(words)


def list_letter(index: int) -> str:
    """The letter of the point ("điểm") at a position from 0 to 22: a b c d đ e g h i k l ... v x y.

    Source: Decree 30/2020/NĐ-CP, Annex I: points are lettered in the order of the Vietnamese alphabet;
    practice leaves out the letters with a hat, breve or horn.
    Raises ValueError beyond: a document with more points needs numbers.
    """
    if not 0 <= index < len(_LIST_LETTERS):
        raise ValueError(f"there are {len(_LIST_LETTERS)} list letters, none at position {index}")
    return _LIST_LETTERS[index]


def roman(number: int) -> str:
    """A Roman numeral, 1 to 3999, for parts, chapters, annexes and quarters ("Quý IV")."""
    if not 1 <= number <= 3999:
        raise ValueError(f"only 1 to 3999 can be written in Roman numerals, not {number}")
    numeral = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        numeral += sign * count
    return numeral


def _spell_group(group: int, *, full: bool) -> str:
    """Three digits in words; full: a higher group was said, so "không trăm" and "linh" must be said too."""
    hundreds, rest = divmod(group, 100)
    words = [f"{_DIGITS[hundreds]} trăm"] if hundreds or full else []
    if rest:
        words.append(_spell_tens(rest, after_hundreds=bool(words)))
    return " ".join(words)


def _spell_tens(rest: int, *, after_hundreds: bool) -> str:
    tens, unit = divmod(rest, 10)
    if tens == 0:
        return f"linh {_DIGITS[unit]}" if after_hundreds else _DIGITS[unit]
    head = "mười" if tens == 1 else f"{_DIGITS[tens]} mươi"
    if unit == 0:
        return head
    special = {5: "lăm"} if tens == 1 else {1: "mốt", 4: "tư", 5: "lăm"}
    return f"{head} {special.get(unit, _DIGITS[unit])}"
