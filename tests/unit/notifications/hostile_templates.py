"""Templates that have led out of a box, or would fill a machine."""

from typing import Final

CLASSES: Final = tuple(
    f"{{{{ {part} }}}}"
    for part in (
        "''.__class__", "''.__class__.__mro__", "''.__class__.__mro__[1].__subclasses__()", "title.__class__",
        "title.__len__", "title.__init__.__globals__",
        "''['__class__']", "''['__cla' ~ 'ss__']", "title['format']", "title.format", "title.format(title)",
        "'{0.__class__}'.format(title)",
        "'%s' % title", "title|attr('__class__')", "title|attr('format')", "''|attr('__cl' ~ 'ass__')",
        "title|map(attribute='__class__')|list", "[title]|map('attr', '__class__')|list",
        "title|format", "title|format_map", "title|pprint", "title|tojson", "title|xmlattr",
        "title|filesizeformat", "title|batch(2)", "title|groupby('x')", "title|sort", "title|random",
        "title|wordwrap(1)", "title|center(100000000)", "title|indent(100000000)", "title|urlize", "title|safe",
        "title|forceescape", "title|striptags", "title|select('x')",
        "self", "self.__init__", "self.__dict__", "self._TemplateReference__context",
        "self._TemplateReference__context.cycler.__init__.__globals__.os",
        "cycler", "cycler.__init__.__globals__.os.popen('id').read()", "joiner.__init__.__globals__",
        "namespace.__init__.__globals__", "lipsum", "lipsum.__globals__", "lipsum.__globals__['os']",
        "range(3)", "range(100000000)|length", "dict(a=1)", "request", "config", "get_flashed_messages",
        "url_for.__globals__", "g.pop.__globals__", "caller", "varargs", "kwargs", "loop", "super()",
        "context", "environment", "_", "gettext('x')", "debug", "True.__class__", "1.0.__class__",
        "none.__class__", "[].__class__", "{}.__class__", "().__class__.__base__", "(1).bit_length()",
        "[].append(1)", "{}.update(a=1)", "{'a': 1}.items()", "{'a': 1}['a']", "[1][0]", "title[0]", "title[0:3]",
        "title.0", "days_left.real", "days_left.__class__",
        "not_there", "not_there.__class__", "undefined.__class__", "''.join", "title.upper()",
        "title.encode('utf-8')", "title.translate({})", "'a'.zfill(100000000)", "'a'.ljust(100000000)",
        "'a'.center(9**9)",
        "'a'*200000000", "title * 100000000", "'%300000000d'|format(1)", "'%300000000d' % 1", "10**100000000",
        "9**9**9", "1/0", "days_left + 1", "-days_left", "[0] * 100000000", "'a' + 'b'",
        "title is filter('x')", "title is sameas title", "title is callable", "title is iterable",
        "title is mapping", "title is escaped", "'__class__' is test",
    )
)  # fmt: skip
"""Attributes, calls, arithmetic, and everything the language brings along."""
BLOCKS: Final = (
    "{% import 'os' as os %}", "{% from '_facts.txt.j2' import x %}{{ x() }}", "{% include '../../etc/passwd' %}",
    "{% include '/etc/passwd' %}", "{% include title %}", "{% include '_page.html.j2' %}",
    "{% include ['a', 'b'] %}", "{% extends 'base' %}", "{% extends '_facts.txt.j2' %}{{ self.x }}",
    "{% block a %}{{ self.a() }}{% endblock %}", "{% block a %}{{ super.__class__ }}{% endblock %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{% call m() %}x{% endcall %}",
    "{% for a in title recursive %}{{ loop(title) }}{% endfor %}",
    "{% for a in title %}{{ loop.__class__ }}{% endfor %}", "{% for a in title %}{{ loop.index }}{% endfor %}",
    "{% for a in title.__class__ %}{% endfor %}",
    "{% set a = title.__class__ %}", "{% set a.b = 1 %}", "{% set ns = namespace(a=1) %}", "{% do title.x %}",
    "{% debug %}", "{% break %}", "{% autoescape false %}{{ title }}{% endautoescape %}",
    "{% filter attr('x') %}a{% endfilter %}", "{% filter format %}%300000000d{% endfilter %}",
    "{% with a = title.x %}{% endwith %}", "{% if title.__class__ %}x{% endif %}", "{% trans %}x{% endtrans %}",
    "{{ title", "{% if %}", "{% if title %}", "{% endif %}", "{%", "{{ }}", "{{ ''.__class__", "{# not closed",
    "{% raw %}", "# for a in title", "\x00{{ title.x }}", "{{ title }}" * 5000, "{{ '" + "a" * 70_000 + "' }}",
    "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "{{ " + "not " * 3000 + "1 }}",
    "{{ " + "[" * 500 + "]" * 500 + "|length }}", "", "   ", "\n\n", "{{ '' }}", "{% if 0 %}x{% endif %}",
)  # fmt: skip
"""Statements, and what is none."""
LONG: Final = "{% for a in title %}" * 6 + "{% endfor %}" * 6
BOMBS: Final = (
    LONG,
    "{% for a in title %}" * 5 + "{{ title }}" + "{% endfor %}" * 5,
    "{% set a = title %}" + "{% set a = a ~ a %}" * 60 + "{{ a }}",
    "{{ title" + "|replace('长', title)" * 12 + " }}",
    "{{ [title" + ", title" * 200 + "]" + "|join(title)|replace('长', title)" * 3 + " }}",
    "{% include '_facts.txt.j2' %}" * 500,
)
"""What needs more time, memory or paper than there is."""
TEMPLATES: Final = (*CLASSES, *BLOCKS, *BOMBS)
