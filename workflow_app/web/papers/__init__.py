"""Documents, their numbers in the register, the templates they are made from."""
