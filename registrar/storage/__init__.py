"""Where the registrar keeps what it knows: tables, the database they lie in, and its versions."""
