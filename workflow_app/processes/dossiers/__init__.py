"""Dossiers (hồ sơ): approvals that an office draws itself, with its own forms and Word templates, without a programmer."""
