"""Every phrase that people read, in one file a language."""
