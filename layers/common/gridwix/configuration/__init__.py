"""What a customer edits in ``config/``, as models: one module for each file or folder there. ``make config`` checks it and puts it into the layer."""
