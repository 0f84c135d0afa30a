"""Who gridwix talks to: AWS, Wix and Trading Grid. The only place that knows httpx and boto3."""
