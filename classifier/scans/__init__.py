"""Scanned pages: pictures, layout files and PDFs, their reading order, and articles from text and geometry."""
