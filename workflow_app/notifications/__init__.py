"""Telling people: rows in the product, letters by e-mail after the commit, a calendar feed, reminders to copy."""
