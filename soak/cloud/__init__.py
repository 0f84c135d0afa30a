"""Models of DynamoDB, SQS, EventBridge, S3 and Secrets Manager, behind the interface of boto's
clients.
"""
