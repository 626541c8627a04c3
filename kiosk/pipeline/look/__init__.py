"""Looking: one picture in, an observation in physical terms out."""
