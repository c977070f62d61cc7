"""What papers print around articles, and texts read one after another: mastheads, headlines, jump lines, bundles."""
