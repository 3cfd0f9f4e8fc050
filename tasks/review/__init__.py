"""What people decide of what the program found: sheets for them, their decisions, what these do."""
