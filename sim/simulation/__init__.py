"""Many paths on many threads."""
