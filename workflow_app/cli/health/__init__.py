"""What `doctor` looks at: the surroundings of an installation, and the invariants of its data."""
