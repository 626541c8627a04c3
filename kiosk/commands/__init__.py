"""The command `kiosk`: one file a command."""
