"""The registrar's central server: intake, roster, desk, export."""
