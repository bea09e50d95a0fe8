"""What was looked up or measured once: facts with sources, measured figures."""
