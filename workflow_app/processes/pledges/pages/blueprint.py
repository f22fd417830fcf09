"""The blueprint that the pages of pledges hang on."""

from flask import Blueprint

bp = Blueprint("pledges", __name__, url_prefix="/pledges", template_folder="../templates")
