"""What booth and registrar share: wire types, signing, sealing, keys as text. No I/O."""
