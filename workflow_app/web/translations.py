"""Vietnamese is the language of the source; English comes from the catalogue, compiled in memory when first asked for."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, current_app, request
from flask_babel import Babel, Domain

CATALOGUE = Path(__file__).parent / "translations" / "en" / "LC_MESSAGES" / "messages.po"
LANGUAGES = ("vi", "en")


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel is untyped
    """Flask-Babel looks for compiled files in folders; ours are made from the text file beside this module."""

    def get_translations(self) -> Any:
        return english() if language() == "en" else super().get_translations()


@cache
def english() -> Translations:
    """The English catalogue."""
    compiled = BytesIO()
    with CATALOGUE.open("rb") as file:
        write_mo(compiled, read_po(file, locale="en"))
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """The reader's choice, else the installation's."""
    chosen = request.cookies.get("language") if request else None
    if chosen in LANGUAGES:
        return chosen
    return str(current_app.config["BABEL_DEFAULT_LOCALE"])


def register(app: Flask, default: str) -> None:
    """Makes `_()` known to templates."""
    app.config["BABEL_DEFAULT_LOCALE"] = default
    app.config["BABEL_DEFAULT_TIMEZONE"] = "Asia/Ho_Chi_Minh"
    babel = Babel()
    babel.init_app(app, locale_selector=language)
    babel.domain_instance = Catalogues()
