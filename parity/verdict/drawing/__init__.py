"""What is drawn: inputs, by regime; and what a module draws itself, whether it is by chance."""
