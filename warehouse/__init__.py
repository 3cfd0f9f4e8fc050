"""What is stored and in which form: contracts, vault, lake, database, publications, SQL."""
