"""Pages: application factory, signing in, worklist, task page, documents, organisations, diagrams, history."""
