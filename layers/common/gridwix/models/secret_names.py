"""Names of the secrets as ``gridwix secret`` takes them, for messages: without the stack's name."""

TRADING_GRID_CREDENTIALS = "trading-grid/credentials"
TRADING_GRID_WEBHOOK = "trading-grid/webhook"
WIX_CREDENTIALS = "wix/credentials"
WIX_WEBHOOK = "wix/webhook"
WIX_AUTOMATION = "wix/automation"
INVITATION_KEY = "people/invitation-key"
