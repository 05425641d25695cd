"""What a definition needs, flattened: each thing that is read or counted once, in order."""
