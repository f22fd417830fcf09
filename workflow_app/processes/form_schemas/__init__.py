"""Forms that people bring with a diagram: JSON Schema in, the same pydantic form out that processes write by hand.

`reading` refuses what our pages could not draw, `building` makes the form, `values` keeps and prints what was filled in.
"""
