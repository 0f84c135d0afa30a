"""AWS in this process: DynamoDB, SQS, EventBridge, S3 and Secrets Manager."""
