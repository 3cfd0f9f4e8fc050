"""Where submissions are fetched: mailboxes, folders and files, each listed, then read."""
