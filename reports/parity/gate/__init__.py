"""What of a run counts: its verdict in three columns, what makes it fail, and how much of the catalogue it covers."""
