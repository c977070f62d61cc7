"""The commands, one module a group of verbs.

Each command is one thin wrapper, where its options are documented, around one plain function. Functions return a
status or raise; :func:`classifier.__main__.main` alone turns errors into a line on stderr and a process status.
"""
