#!/usr/bin/env python3
"""Run banmian from a checkout: ``python cli.py split page.txt``. The same program as the ``banmian`` command."""

import sys

from classifier.__main__ import main

if __name__ == "__main__":
    sys.exit(main())
