"""What must hold of submissions, tables and publications, and the sentence when it does not."""
