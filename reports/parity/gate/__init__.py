"""What of a run counts: its verdict in three columns, what makes it fail and why, how much it covers."""
