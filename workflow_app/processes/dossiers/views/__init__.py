"""What the pages and the API of dossiers show, without Flask."""
