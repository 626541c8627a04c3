"""What staff must know of a booth and do to it: its state, its stock, what goes to whom helps."""
