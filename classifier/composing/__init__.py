"""Pages set from single texts, their boundaries known: what the boundary model learns from."""
