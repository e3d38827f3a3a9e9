"""The report of a referee on one subject, in words; the tables are those of the room above."""
