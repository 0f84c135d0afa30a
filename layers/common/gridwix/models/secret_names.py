"""Names of the secrets as ``gridwix secret`` takes them, without the stack's name; for messages."""

TRADING_GRID_CREDENTIALS = "trading-grid/credentials"
TRADING_GRID_WEBHOOK = "trading-grid/webhook"
WIX_CREDENTIALS = "wix/credentials"
WIX_WEBHOOK = "wix/webhook"
WIX_AUTOMATION = "wix/automation"
INVITATION_KEY = "people/invitation-key"
