"""The genre model: an article as features, and what a model keeps of the texts it was trained on."""
