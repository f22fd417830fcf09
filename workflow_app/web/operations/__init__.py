"""Diagrams, what runs on them, and what an administrator does when it stands still."""
