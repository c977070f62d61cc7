"""Many inputs: where they come from, who works on them, what becomes of their results."""
