"""From a frame to a finished photo: look, judge, standardise, verify."""
