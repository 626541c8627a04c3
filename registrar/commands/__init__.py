"""The command `registrar`: one file a command, listed in `registrar.cli`."""
