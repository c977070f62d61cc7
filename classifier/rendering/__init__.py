"""Results as text, JSON and tables, safe to print."""
