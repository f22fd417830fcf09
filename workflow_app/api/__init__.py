"""REST v1 for programs: the same forms, rights and completion as the pages, proved by tokens."""

from workflow_app.api.application import mount

__all__ = ["mount"]
