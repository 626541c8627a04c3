"""The registrar's central server: intake, roster, first page, export."""
