"""Practice federations: units from two public articles, invented people, accounts for everybody."""
