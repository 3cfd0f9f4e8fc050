"""`assises doctor`: everything that can stop a run, looked at one by one; nothing is changed."""
