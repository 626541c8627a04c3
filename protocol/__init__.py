"""What booth and registrar share: the wire types, their signatures, and sealing. No I/O."""
