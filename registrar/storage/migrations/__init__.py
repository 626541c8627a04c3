"""Migrations: how a database of an earlier registrar becomes one of this."""
