"""A member's session on the local portal, for calls of web methods of the portal's backend."""

from typing import Any

import httpx


class PortalSession:
    """The session of a member who has logged in to the local portal.

    Args:
        portal_url: The portal of a local environment.
        http: Keeps the session's cookie.
        member_id: An existing member of the site who is approved.
    """

    def __init__(self, portal_url: str, http: httpx.Client, member_id: str) -> None:
        self._url, self._http = portal_url, http
        http.post(f"{self._url}/login", data={"member": member_id}, headers={"origin": self._url})

    def call_web_method(self, method: str, *arguments: Any) -> Any:
        """Call a web method of the portal's backend; return its result."""
        answer = self._http.post(
            f"{self._url}/_functions/web/{method}",
            json=list(arguments),
            headers={"origin": self._url},
        )
        return answer.raise_for_status().json()["result"]
