"""What things are. Pure data: no AWS, no HTTP, no clock, no environment."""
