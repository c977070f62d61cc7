"""The boundary model: what is measured of a gap between two lines, its three passes, and decoding."""
