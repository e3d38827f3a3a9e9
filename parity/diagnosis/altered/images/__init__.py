"""Altered formulas of what moves windows over an image."""
