"""Tables to documents: what readers of a synthesis get. Pure, no path, no clock, no environment."""
