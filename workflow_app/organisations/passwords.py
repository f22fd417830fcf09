"""Hashing and judging of passwords and PINs. Argon2id; nothing here knows a web framework."""

import hashlib
import hmac
import itertools
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflow_app.core import vietnamese

MIN_LENGTH = 10
MAX_LENGTH = 128  # a megabyte of password would only keep the hash busy
MIN_PIN = 6
MAX_PIN = 12

# Stems of common passwords, folded; leetspeak, digits at both ends and repetition are stripped first,
# so each stem stands for hundreds of entries of the published lists.
_STEM_WORDS = """
matkhau password passwort passcode admin administrator root user guest login welcome letmein secret
congdoan congdoanvietnam congdoanvien ldld liendoan liendoanlaodong thidua giaouoc khenthuong
vietnam hanoi saigon angiang emyeu anhyeu anhyeuem emyeuanh toiyeuban iloveyou yeuem yeuanh khongnho
quenmatkhau khongbiet tenladanggi abc abcd abcdef abcabc qwerty qwertyuiop asdfgh asdfghjkl zxcvbn
zxcvbnm qazwsx onetwothree motha motba motbahai football monkey dragon master sunshine princess
superman
"""
_STEMS = frozenset(_STEM_WORDS.split())
_LEET = str.maketrans(
    {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s", "!": "i"}
)
_ROWS = ("01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_LONGEST_RUN = 0.6  # of the whole: more than this share on one keyboard row in order is a walk

# Read out over the phone and typed from paper: no 0/o, 1/l/i. 12 of 31 signs are 59 bits.
_PLAIN_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"
_FIRST_GROUPS, _FIRST_GROUP = 3, 4

_hasher = PasswordHasher()  # library defaults follow RFC 9106: about 0.1 s
_pepper = b""
_unpeppered = secrets.token_bytes(
    32
)  # a process without a key must not make passwords that others can compute


def configure(*, pepper: str) -> None:
    """The server's own key, mixed into every PIN: a stolen table alone cannot be guessed through."""
    global _pepper  # noqa: PLW0603 - one key per process, set at start-up
    _pepper = hashlib.sha256(b"giao-uoc/pin/" + pepper.encode()).digest()


@contextmanager
def using(hasher: PasswordHasher) -> Iterator[None]:
    """Another cost for a while: practice data and tests make dozens of accounts."""
    global _hasher  # noqa: PLW0603 - see configure
    before, _hasher = _hasher, hasher
    try:
        yield
    finally:
        _hasher = before


def hash_password(password: str) -> str:
    """The Argon2id string of a password, in NFC: phones and computers type diacritics differently."""
    return _hasher.hash(vietnamese.nfc(password))


def password_matches(stored: str | None, password: str) -> bool:
    """Whether it is the password; without a stored one it takes just as long to say no."""
    return _verify(stored, vietnamese.nfc(password[:MAX_LENGTH]))


def needs_rehash(stored: str) -> bool:
    """Whether the stored hash is cheaper than today's."""
    return _hasher.check_needs_rehash(stored)


def hash_pin(pin: str) -> str:
    return _hasher.hash(_peppered(pin))


def pin_matches(stored: str | None, pin: str) -> bool:
    """As `password_matches`, for a PIN."""
    return _verify(stored, _peppered(pin[:MAX_LENGTH]))


def password_weakness(password: str, *, personal: tuple[str, ...] = ()) -> str | None:
    """The sentence that says how to choose a better password, or None.

    personal: user name, names, phone of the person; a password made of them is refused.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        return f"Mật khẩu cần từ {MIN_LENGTH} đến {MAX_LENGTH} ký tự. Một câu dễ nhớ với bạn là tốt nhất."
    plain = re.sub(r"[^a-z0-9@$!]", "", vietnamese.fold(password))
    if _is_common(plain):
        return "Mật khẩu này quá phổ biến, dễ bị đoán. Hãy ghép vài từ không liên quan với nhau."
    own = {re.sub(r"[^a-z0-9]", "", vietnamese.fold(text)) for text in personal}
    if any(len(text) >= 4 and len(plain) - len(text) < 5 and text in plain for text in own):
        return "Mật khẩu không được lấy từ tên, tên đăng nhập hay số điện thoại của ông/bà."
    return None


def pin_weakness(pin: str) -> str | None:
    """The sentence that says how to choose a better PIN, or None."""
    if not (pin.isascii() and pin.isdigit() and MIN_PIN <= len(pin) <= MAX_PIN):
        return f"Mã PIN gồm từ {MIN_PIN} đến {MAX_PIN} chữ số."
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    repeated = any(pin == pin[:size] * (len(pin) // size) for size in (1, 2, 3) if len(pin) % size == 0)
    if repeated or steps <= {1} or steps <= {9}:
        return "Mã PIN này dễ đoán (số lặp hoặc số liền nhau). Hãy chọn mã khác."
    return None


def first_password(seed: str) -> str:
    """A password that an administrator hands over: "k7mp-2xqa-9fdt".

    The same for the same seed and server key, so that a page whose answer was lost can be asked for again;
    without the key it tells nothing. seed: something that is used once, such as the operation's id.
    """
    drawn = (_drawn(f"first-password/{number}/{seed}") for number in itertools.count())
    return next(made for made in drawn if made and password_weakness(made) is None)


def new_secret() -> str:
    """256 random bits for links, cookies and tokens."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is stored of a random secret: hex SHA-256. Not for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _verify(stored: str | None, given: str) -> bool:
    if stored is None:
        _hasher.hash(given)  # as slow as a check, so that time does not tell who has an account
        return False
    try:
        return _hasher.verify(stored, given)
    except (VerificationError, InvalidHashError):
        return False


def _peppered(pin: str) -> str:
    return hmac.new(_pepper, pin.encode(), hashlib.sha256).hexdigest()


def _drawn(label: str) -> str:
    """A first password drawn from the server's key; empty when the draw held too few fair bytes."""
    stream = hmac.new(_pepper or _unpeppered, label.encode(), hashlib.sha512).digest()
    # A byte above the last whole multiple of 31 would make the first signs more likely than the others.
    fair = [byte % len(_PLAIN_SIGNS) for byte in stream if byte < 256 - 256 % len(_PLAIN_SIGNS)]
    length = _FIRST_GROUPS * _FIRST_GROUP
    signs = "".join(_PLAIN_SIGNS[place] for place in fair[:length])
    if len(signs) < length:
        return ""
    return "-".join(signs[at : at + _FIRST_GROUP] for at in range(0, length, _FIRST_GROUP))


def _is_common(plain: str) -> bool:
    unit = _smallest_repeat(plain)
    forms = {unit, unit.translate(_LEET), unit.strip("0123456789@$!")}
    forms |= {form.strip("0123456789@$!").translate(_LEET) for form in forms}
    forms |= {_smallest_repeat(form) for form in forms}
    if any(len(form) <= 2 or form in _STEMS for form in forms):
        return True
    return _longest_walk(plain) > _LONGEST_RUN * len(plain)


def _smallest_repeat(text: str) -> str:
    return next((text[:n] for n in range(1, len(text) // 2 + 1) if text[:n] * (len(text) // n) == text), text)


def _longest_walk(text: str) -> int:
    rows = [row for line in _ROWS for row in (line, line[::-1])]
    best = run = 1
    for a, b in itertools.pairwise(text):
        run = run + 1 if any(a + b in row for row in rows) else 1
        best = max(best, run)
    return best
