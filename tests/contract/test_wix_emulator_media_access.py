"""Access to files in the Wix emulator's Media Manager, and downloads."""

import io
import zipfile

import jwt
import pytest

from tests.contract.wix_media import FILES, MEDIA, PDF, a_file, a_media_site, get, link
from tests.contract.wix_site import code

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
PAGE = b"<script>alert(1)</script>"


def test_public_file_when_opened_then_it_comes_with_type_and_name_whole_or_in_ranges() -> None:
    site = a_media_site()
    file = a_file(site, fileName="Guía.pdf")

    whole, part, head = (
        get(site, file["url"]),
        get(site, file["url"], range="bytes=1-3"),
        site.http.head(file["url"]),
    )

    assert (whole.status_code, whole.content, whole.headers["content-type"]) == (
        200,
        PDF,
        "application/pdf",
    )
    assert whole.headers["content-disposition"] == "inline; filename*=utf-8''Gu%C3%ADa.pdf"
    assert (part.status_code, part.content, part.headers["content-range"]) == (
        206,
        PDF[1:4],
        f"bytes 1-3/{len(PDF)}",
    )
    assert (head.status_code, head.content, head.headers["content-length"]) == (
        200,
        b"",
        str(len(PDF)),
    )
    assert get(site, file["url"], range="bytes=999-").status_code == 416


def test_image_when_opened_then_it_is_under_media_and_nowhere_else() -> None:
    site = a_media_site()
    file = a_file(site, PNG, mimeType="image/png", fileName="a.png")

    answers = [
        get(site, f"{site.url}/{place}/{file['id']}").status_code for place in ("media", "ugd")
    ]

    assert (file["url"], answers) == (f"{site.url}/media/{file['id']}", [200, 404])


@pytest.mark.parametrize("mime", ["text/html", "image/svg+xml"])
def test_file_when_it_is_a_page_with_a_script_then_a_browser_does_not_run_it(mime: str) -> None:
    site = a_media_site()
    file = a_file(site, PAGE, mimeType=mime, fileName="a.html" if mime == "text/html" else "a.svg")

    headers = get(site, file["url"]).headers

    assert headers["content-security-policy"].startswith("sandbox;")
    assert headers["x-content-type-options"] == "nosniff"


def test_private_file_when_opened_by_its_own_url_then_it_is_403() -> None:
    site = a_media_site()
    file = a_file(site, private=True)

    answer = get(site, file["url"])

    assert answer.status_code == 403
    assert PDF not in answer.content


def test_link_when_followed_then_the_private_file_comes_until_the_link_expires() -> None:
    site = a_media_site()
    file = a_file(site, private=True)
    url = link(site, file["id"], expirationInMinutes=10)

    site.advance(599)
    good = get(site, url)
    site.advance(1)
    late = get(site, url)

    assert (good.status_code, good.content) == (200, PDF)
    assert good.headers["content-disposition"] == 'attachment; filename="Guide.pdf"'
    assert (late.status_code, PDF in late.content) == (403, False)


def test_link_when_made_without_a_time_then_it_is_good_for_ten_hours() -> None:
    site = a_media_site()
    url = link(site, a_file(site, private=True)["id"])

    site.advance(600 * 60 - 1)
    good = get(site, url).status_code
    site.advance(1)

    assert (good, get(site, url).status_code) == (200, 403)


def test_link_when_expired_with_a_redirect_then_it_leads_there() -> None:
    site = a_media_site()
    url = link(
        site,
        a_file(site)["id"],
        expirationInMinutes=1,
        expirationRedirectUrl="https://example.com/late",
    )

    site.advance(60)
    answer = get(site, url)

    assert (answer.status_code, answer.headers["location"]) == (302, "https://example.com/late")


def test_link_when_it_says_how_then_the_file_opens_in_the_browser_under_another_name() -> None:
    site = a_media_site()
    url = link(
        site,
        a_file(site)["id"],
        contentDisposition="INLINE",
        downloadFileName='a "quoted"\r\nname.pdf',
    )

    answer = get(site, url, range="bytes=0-3")

    assert (answer.status_code, answer.content) == (206, PDF[:4])
    assert (
        answer.headers["content-disposition"]
        == "inline; filename*=utf-8''a%20%22quoted%22%0D%0Aname.pdf"
    )


def test_link_when_the_site_has_not_made_it_then_it_is_403() -> None:
    site = a_media_site()
    file, other = a_file(site, private=True), a_file(site, private=True)
    address, _, token = link(site, other["id"]).rpartition("/")
    claims = {**jwt.decode(token, options={"verify_signature": False}), "sub": file["id"]}
    header, _, signature = token.split(".")
    body = jwt.encode(claims, "x" * 32, algorithm="HS256").split(".")[1]
    tokens = (
        f"{header}.{body}.{signature}",
        jwt.encode(claims, "x" * 32, algorithm="HS256"),
        jwt.encode(claims, "", algorithm="none"),
        "x",
    )

    answers = [get(site, f"{address}/{one}").status_code for one in (*tokens, token)]

    assert answers == [403, 403, 403, 403, 200]


def test_link_when_the_file_is_not_ready_then_there_is_none() -> None:
    site = a_media_site(readySeconds=60)
    file = a_file(site, wait=False)

    one = site.post(f"{FILES}/generate-file-download-url", {"fileId": file["id"]})
    several = site.post(f"{FILES}/generate-download-url", {"fileIds": [file["id"]]})

    assert [(answer.status_code, code(answer)) for answer in (one, several)] == [
        (428, "FAILED_PRECONDITION")
    ] * 2


def test_archive_when_downloaded_then_it_holds_the_files_for_good_as_long_as_they_are_there() -> (
    None
):
    site = a_media_site()
    first, second = (
        a_file(site, b"one", fileName="same.pdf"),
        a_file(site, b"two", fileName="same.pdf"),
    )
    url = site.ok(
        "POST", f"{FILES}/generate-download-url", {"fileIds": [first["id"], second["id"]]}
    )["downloadUrl"]

    site.advance(400 * 86_400)
    answer = get(site, url)
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [first["id"]]})
    fewer = get(site, url)
    site.ok("POST", f"{MEDIA}/bulk/files/delete", {"fileIds": [second["id"]], "permanent": True})

    def contents(body: bytes) -> list[bytes]:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            return [archive.read(name) for name in archive.namelist()]

    assert contents(answer.content) == [b"one", b"two"]
    assert contents(fewer.content) == [b"two"]
    assert get(site, url).status_code == 404
