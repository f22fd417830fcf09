"""Vietnamese text, order, numbers and dates. Pure functions, standard library only."""

from workflow_app.core.vietnamese.counting import list_letter, roman, spell, two_digits
from workflow_app.core.vietnamese.dates import (
    VIETNAM,
    date_time,
    decree_date,
    end_of_day,
    iso_local,
    local,
    local_date,
    official_date,
    parse_date,
    short_date,
    start_of_day,
    weekday_date,
    weekday_label,
    weekday_name,
)
from workflow_app.core.vietnamese.numbers import (
    format_money,
    format_number,
    format_percent,
    parse_number,
    quoted,
)
from workflow_app.core.vietnamese.sorting import person_sort_key, sort_key, sorted_by_name
from workflow_app.core.vietnamese.text import clean_line, clean_text, fold, matches, nfc, search_words

__all__ = [
    "VIETNAM",
    "clean_line",
    "clean_text",
    "date_time",
    "decree_date",
    "end_of_day",
    "fold",
    "format_money",
    "format_number",
    "format_percent",
    "iso_local",
    "list_letter",
    "local",
    "local_date",
    "matches",
    "nfc",
    "official_date",
    "parse_date",
    "parse_number",
    "person_sort_key",
    "quoted",
    "roman",
    "search_words",
    "short_date",
    "sort_key",
    "sorted_by_name",
    "spell",
    "start_of_day",
    "two_digits",
    "weekday_date",
    "weekday_label",
    "weekday_name",
]
