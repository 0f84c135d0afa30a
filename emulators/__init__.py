"""Stand-ins for Trading Grid and Wix that speak the real wire formats over HTTP. For development and tests only; they are never deployed."""
