"""Labelled texts and pages of users: read, checked, held out."""
