"""What a file is by its content, and copying it to Trading Grid."""
