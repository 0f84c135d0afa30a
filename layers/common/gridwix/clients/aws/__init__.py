"""AWS adapters: DynamoDB tables, the EventBridge bus, SQS redelivery and Secrets Manager.

The modules ``edge``, ``signed``, ``credentials``, ``secret_cache``, ``items`` and ``error_codes``
import neither boto3 nor botocore: the webhook functions use them, to keep their cold start short.
"""
