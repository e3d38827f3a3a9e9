"""What the layers of images share: windows that slide, borders, shares of an axis, other sizes; pure functions."""
