"""Pictures of a run: what is on their axes, what the command writes, and the gallery."""
