"""Checks of behaviour: what a module does to what it is given, and what it keeps."""
