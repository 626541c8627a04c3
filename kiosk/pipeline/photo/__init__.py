"""The photo: from a burst to a finished file, with the record of what was done."""
