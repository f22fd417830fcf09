"""Units, blocs, people and their offices; what administrators decide about them."""
