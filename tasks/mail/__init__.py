"""Mailboxes to own words: sources, parts, quotes, footers, signatures, machines, names, dates."""
