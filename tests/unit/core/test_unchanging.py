"""`{% unchanging %}`: once for each language, and nothing of a person or a request."""

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation

LOAD = "{% load i18n unchanging %}"


def test_unchanging__words_and_addresses__are_those_of_the_language_of_each_reader() -> None:
    template = Template(
        LOAD + '{% unchanging %}<a href="{% url "desk:counts" %}">{% translate "Views" %}</a>{% endunchanging %}'
    )
    for language, word in (("en", "Views"), ("zh-hans", "视图"), ("en", "Views"), ("zh-hans", "视图")):
        with translation.override(language):
            assert template.render(Context()) == f'<a href="/desk/counts/">{word}</a>'


@pytest.mark.parametrize(
    "inside",
    [
        "{{ user.name }}",
        "{% csrf_token %}",
        "{% translate word %}",
        '{% translate "Views" as word %}',
        "{% url view %}",
        '{% url "desk:view" slug %}',
        "{% if user %}x{% endif %}",
        '{% include "desk/_user_menu.html" %}',
        "{% blocktranslate %}{{ name }}{% endblocktranslate %}",
    ],
)
def test_unchanging__something_that_varies__is_refused(inside: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="may vary"):
        Template(LOAD + "{% unchanging %}" + inside + "{% endunchanging %}")
