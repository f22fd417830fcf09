"""The process engine: the only package that imports SpiffWorkflow; `machine.py` is what the rest of it uses."""
