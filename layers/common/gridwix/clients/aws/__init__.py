"""What gridwix uses of AWS: tables in DynamoDB, the bus in EventBridge, secrets in Secrets Manager. The edge modules get by without botocore."""
