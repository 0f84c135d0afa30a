"""Tools for the community gateway (the application in ``gateway/``): check, deployment, desk."""
