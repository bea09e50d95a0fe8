"""Right answers to the exercises, written differently: three or more for each."""
