"""What happens to the rows of dossiers; the caller commits."""
