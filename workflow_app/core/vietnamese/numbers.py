"""Numbers as Vietnamese offices write them: "." parts thousands, "," parts decimals."""

import re
import unicodedata
from decimal import ROUND_HALF_UP, Context, Decimal

from workflow_app.core.vietnamese.text import clean_line

_MAX_DIGITS = 60  # far above any sum of money; keeps 1E+999999 from filling the memory
_CONTEXT = Context(prec=2 * _MAX_DIGITS, rounding=ROUND_HALF_UP)
_LONGEST_INPUT = 200
_LONGEST_QUOTE = 40

_UNIT = re.compile(r"\s*(?:%|đồng|vnđ|vnd|đ|₫)\.?$", re.IGNORECASE)
_SPACED_GROUPS = re.compile(r"\d{1,3}(?: \d{3})+(?=$|,)")
_GROUPED = re.compile(r"[1-9]\d{0,2}(?:(?P<sep>[.,])\d{3})(?:(?P=sep)\d{3})*")


def format_number(value: Decimal | int, places: int | None = None) -> str:
    """A number for people: "60.408.000", "1.234,5".

    places: decimals shown, 0 to 20, rounded half up; None shows every decimal but no zeros at the end.
    Raises TypeError for a float (9.7 has no exact value, and scores are exact), ValueError for NaN,
    infinity and more than 60 digits.
    """
    if not isinstance(value, (Decimal, int)):
        raise TypeError(f"a Decimal or an int is needed, not {type(value).__name__}")
    number = Decimal(value)
    _check_size(number)
    if places is None:
        digits = f"{number:f}"
        digits = digits.rstrip("0").rstrip(".") if "." in digits else digits
    else:
        digits = f"{number.quantize(Decimal(1).scaleb(-places), context=_CONTEXT):f}"
    sign = "-" if digits.startswith("-") and any(digit in "123456789" for digit in digits) else ""
    whole, _, decimals = digits.lstrip("-").partition(".")
    grouped = f"{int(whole):,}".replace(",", ".")
    return f"{sign}{grouped},{decimals}" if decimals else f"{sign}{grouped}"


def format_money(amount: Decimal | int) -> str:
    """An amount in đồng, rounded half up to whole ones: "60.408.000đ". Errors as format_number."""
    return f"{format_number(amount, places=0)}đ"


def format_percent(value: Decimal | int, places: int | None = None) -> str:
    """A percentage; 100 means all: Decimal("115.94") gives "115,94%". Errors as format_number."""
    return f"{format_number(value, places)}%"


def parse_number(text: str) -> Decimal:
    """What a person meant by a number, exactly as typed, without rounding.

    Accepts "1.234,5", "60 408 000", "60.408.000đ", "115,94%", "04", "-3", full-width digits. The Vietnamese
    reading wins where two are possible: "1.234" is 1234 and "1,234" is a little over 1. Where only one is
    possible that one is taken: "1.5" is 1,5 and "1,234.5" is 1234,5.
    Raises ValueError with a Vietnamese sentence that can be shown as it is.
    """
    typed = clean_line(text)
    body = unicodedata.normalize("NFKC", typed)
    # Several minus signs look alike, and Word turns one into the other.
    body = _UNIT.sub("", body).replace("\u2212", "-").replace("\u2013", "-").strip()
    if not body:
        raise ValueError("Nhập một số, ví dụ 1.234,5")
    sign, unsigned = ("-", body[1:]) if body[0] == "-" else ("", body.removeprefix("+"))
    plain = _plain(unsigned.strip()) if len(body) <= _LONGEST_INPUT else None
    if plain is None:
        raise ValueError(f"Nhập bằng chữ số, ví dụ 1.234,5. Bạn đã gõ “{quoted(typed)}”")
    number = Decimal(sign + plain)
    _check_size(number)
    return abs(number) if number == 0 else number


def quoted(typed: str) -> str:
    """What a person typed, cleaned and cut to 40 characters, to be repeated in an error sentence."""
    line = clean_line(typed)
    return line if len(line) <= _LONGEST_QUOTE else line[: _LONGEST_QUOTE - 1].rstrip() + "…"


def _plain(body: str) -> str | None:
    """The number in Python's notation, or None when no reading is possible."""
    body = _SPACED_GROUPS.sub(lambda found: found[0].replace(" ", ""), body, count=1)
    if not re.fullmatch(r"[0-9][0-9.,]*", body):
        return None
    kinds = set(body) & {".", ","}
    if len(kinds) == 2:
        decimal_sign = max(kinds, key=body.rindex)
        whole, _, decimals = body.rpartition(decimal_sign)
        return f"{_ungrouped(whole)}.{decimals}" if _GROUPED.fullmatch(whole) and decimals else None
    if _GROUPED.fullmatch(body) and ("." in body or body.count(",") > 1):
        return _ungrouped(body)
    whole, _, decimals = body.replace(",", ".").partition(".")
    if "." in decimals or (kinds and not decimals):
        return None
    return f"{whole}.{decimals}" if decimals else whole


def _ungrouped(whole: str) -> str:
    return whole.replace(".", "").replace(",", "")


def _check_size(number: Decimal) -> None:
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError("Giá trị này không phải là một số")  # noqa: TRY004 - NaN has the right type
    if number and (number.adjusted() >= _MAX_DIGITS or exponent < -_MAX_DIGITS):
        raise ValueError(f"Số này dài quá {_MAX_DIGITS} chữ số. Nhập lại số ngắn hơn")
