"""Persons to pseudonyms, and personal data in their words to masks; pure, the key is given."""
