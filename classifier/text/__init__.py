"""Bytes and characters: a page's text, its paragraphs and its words."""
