"""Dated settings and the calendar of days off."""
