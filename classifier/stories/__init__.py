"""Stories on several pages of an issue: which article is the rest of which."""
