"""A booth's machine from a clean Debian to its removal: `make test-system`, as root."""
