"""What watches a run: each file one way of seeing what a subject computes with."""
