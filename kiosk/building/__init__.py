"""What whoever builds a booth must calculate: lens, light, power, reach, and whether it stands."""
