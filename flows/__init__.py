"""What a person starts: the command line, the daily flow, the look behind a publication."""
