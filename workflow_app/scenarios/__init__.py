"""Practice data, and whole stories played through the application's own services.

Used by `workflow-app demo` and `workflow-app scenario`; nothing of a union's own work depends on it.
"""
