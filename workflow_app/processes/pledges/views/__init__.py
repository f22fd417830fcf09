"""What pages show of a pledge, as plain values: no Flask, no HTML."""
