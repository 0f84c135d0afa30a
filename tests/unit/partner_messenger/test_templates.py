"""Templates show plain data, and can do nothing else."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup

from gridwix.models.time_zones import time_zone
from gridwix.partner_messenger.dispatches import Text
from gridwix.partner_messenger.messages import plain_text
from gridwix.partner_messenger.template_faults import TemplateFault
from gridwix.partner_messenger.templates import (
    FILTERS,
    MAX_LOOP,
    MAX_OUTPUT,
    compile_template,
    single_line,
)

NAMES = frozenset({"partner", "record"})


class Secret:
    """An object in the data by mistake."""

    token = "s3cret"

    def reveal(self) -> str:
        raise AssertionError("a template called something")

    def __str__(self) -> str:
        raise AssertionError("a template printed an object")


DATA: dict[str, Any] = {
    "partner": {"name": "Harbor & <b>Pine</b>", "items": "the member of that name"},
    "record": {
        "due_on": "2026-03-04",
        "at": "2026-03-04T23:00:00+00:00",
        "codes": ["810", "856"],
        "next_step": None,
        "object": Secret(),
        "many": ["x"] * (MAX_LOOP + 1),
    },
}


def test_instant_is_shown_in_the_zone_of_its_reader_and_a_day_is_the_same_everywhere() -> None:
    render = compile_template(
        "{{ record.at | date }}; {{ record.at | time }}; {{ record.due_on | time }}",
        NAMES,
        html=True,
    )

    assert [render(DATA, "en", time_zone(name)) for name in ("Asia/Tokyo", "America/New_York")] == [
        "5 Mar 2026 (Asia/Tokyo); 5 Mar 2026, 08:00 (Asia/Tokyo); 4 Mar 2026",
        "4 Mar 2026 (America/New_York); 4 Mar 2026, 18:00 (America/New_York); 4 Mar 2026",
    ]


def made(source: str, data: dict[str, Any] = DATA, *, html: bool = True, locale: str = "en") -> str:
    return compile_template(source, NAMES, html=html)(data, locale)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("Dear {{ partner.name }}", "Dear Harbor &amp; &lt;b&gt;Pine&lt;/b&gt;"),
        ("{{ partner.items }}", "the member of that name"),
        ("{{ record.due_on | date }}, {{ record.at | date }}", "4 Mar 2026, 4 Mar 2026 (UTC)"),
        (
            (
                "{% for code in record.codes %}{{ loop.index }}. {{ code }}"
                "{% if not loop.last %}; {% endif %}{% endfor %}"
            ),
            "1. 810; 2. 856",
        ),
        (
            "{{ record.codes | join }} {{ record.codes[0] }} {{ record.codes | length }}",
            "810, 856 810 2",
        ),
        (
            (
                "{% if record.next_step %}no"
                "{% elif record.codes | length > 1 and partner.name != 'x' %}yes{% endif %}"
            ),
            "yes",
        ),
        ("{{ record.next_step | default('nothing') | upper }}", "NOTHING"),
        (
            (
                "{{ 'x' if record.next_step is none else 'y' }}"
                "{{ 'z' if record.other is defined else '' }}"
            ),
            "x",
        ),
        ("{{ '</p><script>' }}", "&lt;/p&gt;&lt;script&gt;"),
    ],
)
def test_template_says_what_the_data_holds(source: str, text: str) -> None:
    assert made(source) == text


def test_date_is_written_as_the_language_does_and_titles_are_plain() -> None:
    assert made("{{ record.due_on | date }}", locale="de") == "4.3.2026"
    assert made("{{ partner.name }}", html=False) == "Harbor & <b>Pine</b>"


@pytest.mark.parametrize(
    "source",
    [
        "{{ partner.__class__ }}",
        "{{ partner['__class__'] }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ ()['__class__'] }}",
        "{{ record.codes.__len__ }}",
        "{{ record.codes['append'] }}",
        "{{ record.object.token }}",
        "{{ record.object['token'] }}",
        "{{ record.object.reveal() }}",
        "{{ record.object }}",
        "{{ partner.keys() }}",
        "{{ partner.name.upper() }}",
        "{{ partner | attr('__class__') }}",
        "{{ partner | map(attribute='name') }}",
        "{{ self }}",
        "{{ self.__init__.__globals__ }}",
        "{{ range(10) }}",
        "{{ cycler }}",
        "{{ lipsum.__globals__['os'].popen('id') }}",
        "{{ namespace() }}",
        "{{ _locale }}",
        "{{ loop }}",
        "{% for x in record.codes %}{{ loop }}{% endfor %}",
        "{% for x in record.codes %}{{ loop.__init__ }}{% endfor %}",
        "{% for x in record.codes %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for partner in record.codes %}{% endfor %}",
        "{% for loop in record.codes %}{% endfor %}",
        "{% for _locale in record.codes %}{{ record.due_on | date }}{% endfor %}",
        "{% set partner = record %}",
        "{% set x %}y{% endset %}",
        "{% macro m() %}{% endmacro %}",
        "{% call m() %}{% endcall %}",
        "{% include '/etc/passwd' %}",
        "{% import 'x' as y %}",
        "{% from 'x' import y %}",
        "{% extends 'x' %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% with a = 1 %}{% endwith %}",
        "{% autoescape false %}{{ partner.name }}{% endautoescape %}",
        "{{ partner.name | safe }}",
        "{{ '%s' | format(partner) }}",
        "{{ 'a' * 99999999999 }}",
        "{{ 2 ** 99999999 }}",
        "{{ 1 // 0 }}",
        "{{ 'a' ~ 'b' }}",
        "{{ 'a' + 'b' }}",
        "{{ '%s' % 'a' }}",
        "{{ {'a': 1} }}",
        "{{ record.codes[0:1] }}",
    ],
)
def test_template_that_reaches_for_more_is_a_fault(source: str) -> None:
    with pytest.raises(TemplateFault) as fault:
        made(source)

    assert "s3cret" not in str(fault.value)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ partner.nmae }}", "'nmae' is undefined"),
        ("{{ other }}", "line 1: there is no other; there are partner, record"),
        ("Dear\n{{ partner.name ", "line 2: unexpected end of template"),
        ("{{ record[partner.name] }}", "what is asked for in brackets is not there"),
        (
            "{{ record.next_step }}",
            "nothing cannot be shown: use an if, a for or the filter default",
        ),
        ("{{ record.codes }}", "something that is no text cannot be shown"),
        ("{{ partner.name | shout }}", "line 1: there is no filter shout; there are date, default"),
        ("{{ partner.name is divisibleby(3) }}", "line 1: there is no test divisibleby"),
        ("{{ partner.name | date }}", "date got something that is no date"),
        ("{% for x in partner.name %}x{% endfor %}", "only a list can be gone through"),
        ("{% for x in record.many %}x{% endfor %}", f"a list has more than {MAX_LOOP} items"),
    ],
)
def test_fault_says_what_is_wrong_and_no_value(source: str, said: str) -> None:
    with pytest.raises(TemplateFault) as fault:
        made(source)

    assert said in str(fault.value)
    assert "Harbor" not in str(fault.value)
    assert fault.value.__context__ is None


def test_output_and_loops_have_an_end() -> None:
    item = "x" * 2_000
    data = {"partner": {}, "record": {"items": [item] * MAX_LOOP}}
    grows = "record.items | join("
    bombs = [
        "{% for a in record.items %}{% for b in record.items %}{{ a }}{% endfor %}{% endfor %}",
        (
            "{% for a in record.items %}{% for b in record.items %}{% for c in record.items %}"
            "{% endfor %}{% endfor %}{% endfor %}"
        ),
        "{% for a in record.items recursive %}{% endfor %}",
        "{{ " + grows * 200 + "'x'" + ")" * 200 + " }}",
        "{{ " + "(" * 5_000 + "1" + ")" * 5_000 + " }}",
        "{{ not " * 3_000,
    ]
    begun = time.process_time()

    for bomb in bombs:
        with pytest.raises(TemplateFault):
            made(bomb, data)

    assert time.process_time() - begun < 5
    with pytest.raises(TemplateFault, match="a joined text is longer"):
        made("{{ record.items | join('') | length }}", data)
    with pytest.raises(TemplateFault, match=f"longer than {MAX_OUTPUT}"):
        made("{% for a in record.items %}{{ a }}{% endfor %}", data)


@settings(deadline=None)
@given(name=st.text(max_size=40), filters=st.lists(st.sampled_from(sorted(FILTERS)), max_size=3))
def test_whatever_a_value_is_its_html_is_text(name: str, filters: list[str]) -> None:
    source = " | ".join(["{{ partner.name", *filters]) + " }}"
    for value in (f"<script>{name}</script>", Markup(f"<script>{name}</script>")):
        try:
            said = made(source, {"partner": {"name": value}, "record": {}})
        except TemplateFault:
            continue
        assert "<" not in said


@settings(deadline=None)
@given(st.text(max_size=200))
def test_whatever_a_template_is_it_is_made_or_a_fault(source: str) -> None:
    for wrapped in (
        source,
        "{{ " + source + " }}",
        "{% " + source + " %}",
        "{{ partner" + source + " }}",
    ):
        try:
            made(wrapped)
        except TemplateFault as fault:
            assert "s3cret" not in str(fault)


def test_title_is_one_line_so_that_it_is_one_header() -> None:
    assert (
        single_line("Done\r\nBcc: all@example.com\u2028 \x00now  \t ok")
        == "Done Bcc: all@example.com now ok"
    )
    assert len(single_line("x" * 1_000)) == 300


def test_inbox_text_has_no_html() -> None:
    text = Text(
        "Issue &",
        '<p>One &amp; <b>two</b></p>\n<ul><li>a &lt;b&gt;</li><li>b</li></ul><p><a href="https://x.example">Open</a></p>',
    )

    assert plain_text(text) == "Issue &\n\nOne & two\n\na <b>\nb\nOpen"
