"""One page that people read: everything that a folder's records say, in HTML that needs nothing beside it."""
