"""Virtual time, tasks, and the edges at which faults happen."""
