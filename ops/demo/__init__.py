"""The demo: a change in Trading Grid, followed from hop to hop until the partner's portal row shows it."""
