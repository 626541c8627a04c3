"""The way to the registrar: sealed photos out, the roster in, and a receipt for everything."""
