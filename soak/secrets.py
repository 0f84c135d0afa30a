"""The secrets that the functions share with Trading Grid and the site, and their rotation."""

import base64
from random import Random

from soak.cloud.secret_values import SecretValues
from soak.trading_grid import TradingGrid
from soak.wix.site import Wix

CONSUMER_KEY = "gridwix"


class Secrets:
    """Gives the functions and the models their shared secrets, and rotates them.

    A rotation is abrupt: from one moment to the next only the new secret is used, while the
    functions may still hold the old one.

    Args:
        values: Secrets Manager.
        grid: Trading Grid.
        wix: The site.
        random: The seeded source of secrets.
    """

    def __init__(self, values: SecretValues, grid: TradingGrid, wix: Wix, random: Random) -> None:
        self._values = values
        self._grid = grid
        self._wix = wix
        self._random = random
        self.hub_secrets = [self._new_signing_secret()]
        """Secrets (``whsec_...``) with which Trading Grid signs webhooks: only the newest one."""
        values.rotate("TradingGridWebhookSecrets", {"secrets": self.hub_secrets})
        self.rotate("gateway")
        self._store_webhook_secrets([wix.webhooks.public_key()])
        values.rotate("WixCredentials", {"apiKey": wix.api_keys[0]})
        values.rotate("WixAutomation", {"emailUrl": wix.mail_url})
        values.rotate("InvitationKeySecret", {"invitationKey": f"{random.getrandbits(256):064x}"})

    def rotate(self, secret: str) -> None:
        """Rotate a secret.

        Args:
            secret: ``hub``: of Trading Grid's webhooks. ``site``: of the site's backend. ``app``:
                the key of the site's app. ``gateway``: the client secret for Trading Grid. ``api``:
                the API key of the site.

        Raises:
            ValueError: There is no such secret.
        """
        match secret:
            case "hub":
                self.hub_secrets[:] = [self._new_signing_secret()]
                self._values.rotate("TradingGridWebhookSecrets", {"secrets": self.hub_secrets})
            case "site":
                self._wix.webhooks.rotate_signing_secret()
                self._store_webhook_secrets([self._wix.webhooks.public_key()])
            case "app":
                old = self._wix.webhooks.public_key()
                self._wix.webhooks.key_number += 1
                self._store_webhook_secrets([self._wix.webhooks.public_key(), old])
            case "gateway":
                new = f"{self._random.getrandbits(128):032x}"
                self._grid.access.credentials[CONSUMER_KEY] = (new,)
                self._grid.access.revoke_tokens()
                credentials = {"consumerKey": CONSUMER_KEY, "consumerSecret": new}
                self._values.rotate("TradingGridCredentials", credentials)
            case "api":
                self._wix.api_keys[:] = [f"IST.{self._random.getrandbits(128):032x}"]
                self._values.rotate("WixCredentials", {"apiKey": self._wix.api_keys[0]})
            case _:
                raise ValueError(f"there is no secret {secret}")

    def _store_webhook_secrets(self, public_keys: list[str]) -> None:
        # Both the new and the old one sign, or are known, while the site changes over.
        signing = self._wix.signing_secrets[:2]
        self._values.rotate(
            "WixWebhookSecrets", {"publicKeys": public_keys, "signingSecrets": signing}
        )

    def _new_signing_secret(self) -> str:
        return "whsec_" + base64.b64encode(self._random.randbytes(24)).decode()
