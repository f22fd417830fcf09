"""Units, blocs, people, offices, terms and delegations: who may act, where, in whose name.

Every fact is dated: `valid_from` is its first day, `valid_to` the first day on which it no
longer holds (days of the Vietnamese calendar). Nothing is deleted; a change closes one row
and opens the next, so that any past day can be asked for.
"""
