"""The demo: a registrar, a booth of light, and one whole visit by a simulated student."""
