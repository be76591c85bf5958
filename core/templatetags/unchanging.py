"""`{% unchanging %} … {% endunchanging %}`: what is the same on every page, written once for each language."""

from django import template
from django.template.base import FilterExpression, Node, NodeList, Parser, TextNode, Token, Variable
from django.template.context import Context
from django.template.defaulttags import LoadNode, URLNode
from django.template.exceptions import TemplateSyntaxError
from django.templatetags.i18n import TranslateNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


class UnchangingNode(Node):
    """Renders its nodes when a language is first asked for, and then repeats what came out.

    Nothing of a person or a request can be kept: the parser has let in only text, translated literals and addresses
    without arguments, and they are rendered in an empty context.
    """

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.written: dict[str | None, SafeString] = {}

    def render(self, context: Context) -> SafeString:
        """Return the text in the present language."""
        language = get_language()
        written = self.written.get(language)
        if written is None:
            written = self.written[language] = self.nodelist.render(Context(autoescape=context.autoescape))
        return written


@register.tag
def unchanging(parser: Parser, _token: Token) -> UnchangingNode:
    """Enclose text, `{% translate "…" %}` and `{% url "…" %}`; raises TemplateSyntaxError for anything that varies."""
    nodelist = parser.parse(("endunchanging",))
    parser.delete_first_token()
    for node in nodelist:
        if not _is_constant(node):
            message = f"{node!r} may vary from page to page: it cannot stand in an unchanging part."
            raise TemplateSyntaxError(message)
    return UnchangingNode(nodelist)


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        words = [node.filter_expression, node.message_context]
        return node.asvar is None and all(_is_literal(one) for one in words if one is not None)
    if isinstance(node, URLNode):
        return node.asvar is None and not node.args and not node.kwargs and _is_literal(node.view_name)
    return isinstance(node, TextNode | LoadNode)


def _is_literal(expression: FilterExpression) -> bool:
    variable = expression.var
    return not expression.filters and (not isinstance(variable, Variable) or variable.lookups is None)
