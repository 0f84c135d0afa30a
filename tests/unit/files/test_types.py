"""Names of files that are accepted or refused."""

import unicodedata

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridwix.files.types import MAX_NAME, file_extension, is_on_host, safe_name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("Preisliste Größe 李.pdf", "Preisliste Größe 李.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\dana\\prices.xlsx", "prices.xlsx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("line\nbreak\x00.pdf", "linebreak.pdf"),
        ('a<b>:"c|?*.pdf', "abc.pdf"),
        ("Gro\u0308ße.pdf", "Größe.pdf"),
        ("مرحبا.pdf", "مرحبا.pdf"),
        ("", "file"),
        ("...", "file"),
    ],
)
def test_name_is_safe_and_keeps_its_script(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_is_good_everywhere_and_stays_as_it_is_then(name: str) -> None:
    safe = safe_name(name)

    assert 0 < len(safe) <= MAX_NAME
    assert not set(safe) & set('/\\:*?"<>|')
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in safe)
    assert safe_name(safe) == safe


def test_long_name_keeps_its_ending() -> None:
    assert file_extension(safe_name("x" * 400 + ".pdf")) == "pdf"


HOSTS = frozenset({"wixstatic.com", "127.0.0.1:8001"})


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://static.wixstatic.com/media/a.pdf?x=1#y", True),
        ("https://WixStatic.com/a.pdf", True),
        ("https://wixstatic.com./a.pdf", True),
        ("http://127.0.0.1:8001/a.pdf", True),
        ("http://127.0.0.1:8002/a.pdf", False),
        ("http://127.0.0.1/a.pdf", False),
        ("https://wixstatic.com:8443/a.pdf", False),
        ("https://notwixstatic.com/a.pdf", False),
        ("https://wixstatic.com.elsewhere.example/a.pdf", False),
        ("https://elsewhere.example/wixstatic.com", False),
        ("https://wixstatic.com@elsewhere.example/a.pdf", False),
        ("https://elsewhere.example\\.wixstatic.com/a.pdf", False),
        ("https://[::1/a.pdf", False),
        ("https://wixstatic.com:x/a.pdf", False),
        ("\ud800", False),
        ("", False),
    ],
)
def test_address_is_on_a_host_or_below_it_and_on_its_very_port(url: str, is_one: bool) -> None:
    assert is_on_host(url, HOSTS) is is_one


@given(
    st.lists(
        st.sampled_from(
            [
                *"/\\@:#?%.\t\n ",
                "wixstatic.com",
                "elsewhere.example",
                "https:",
                "//",
                "%2f",
                "%40",
                "x",
            ]
        ),
        max_size=10,
    ).map("".join)
)
def test_whoever_reads_an_address_finds_the_same_host(text: str) -> None:
    """The client that connects reads addresses by its own rules."""
    url = f"https://{text}"
    if not is_on_host(url, HOSTS):
        return
    try:
        host = httpx.URL(url).host.rstrip(".")
    except httpx.InvalidURL:
        return

    assert host == "wixstatic.com" or host.endswith(".wixstatic.com")
