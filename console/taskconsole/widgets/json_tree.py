"""A JSON value as a tree to be unfolded; only what is unfolded is ever made into nodes."""

import json
from collections import deque
from collections.abc import Mapping
from typing import ClassVar, TypeAlias

from rich.style import Style
from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from taskconsole.actions import bindings
from taskconsole.formatting import format_count
from taskconsole.keymap.json_tree import TREE
from taskconsole.widgets.json_parts import Group, Part, is_container, members
from taskconsole.widgets.json_tokens import JSON_CLASSES, JSON_CSS
from taskconsole.widgets.safe_text import make_safe
from taskconsole.widgets.styles import component_style
from taskengine.run import JsonValue

_LONGEST_STRING = 500
_OPENED_AT_FIRST = 40
_LARGEST_COPY = 1_000_000

Node: TypeAlias = "TreeNode[Part | Group]"


class JsonTree(Tree[Part | Group]):
    """Shows one value; `c` copies what the cursor is on, as JSON."""

    COMPONENT_CLASSES: ClassVar[set[str]] = JSON_CLASSES | {"json--size"}
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(TREE)]
    DEFAULT_CSS = f"""
    JsonTree {{
        background: transparent;
        scrollbar-size: 1 1;
        {JSON_CSS}
        & > .json--size {{ color: $foreground 60%; }}
        &:focus {{ background-tint: $foreground 0%; }}
    }}
    """

    class Copied(Message):
        """A value was put on the clipboard, or was too long for it."""

        def __init__(self, what: str, *, too_long: bool) -> None:
            super().__init__()
            self.what = what
            self.too_long = too_long

    def __init__(
        self,
        value: JsonValue = None,
        *,
        id: str | None = None,  # noqa: A002  (Textual's own name for it)
        classes: str | None = None,
    ) -> None:
        super().__init__("", data=Part(None, value), id=id, classes=classes)
        self.auto_expand = True
        self.guide_depth = 3
        self.value = value

    def show(self, value: JsonValue) -> None:
        """Show another value, unfolded as far as it is small."""
        self.value = value
        if self.is_attached:
            self._grow()

    def _grow(self) -> None:
        self.reset("", Part(None, self.value))
        self.root.allow_expand = is_container(self.value)
        self._open_the_small()
        self.move_cursor(self.root)
        self.scroll_home(animate=False)

    def on_mount(self) -> None:
        """Show the value that came before the widget was there."""
        self._grow()

    def _open_the_small(self) -> None:
        """Unfold level by level while everything opened stays a screenful."""
        waiting: deque[Node] = deque([self.root])
        opened = 0
        while waiting:
            node = waiting.popleft()
            if node.data is None or not node.allow_expand:
                continue
            opened += len(node.data.indices)
            if opened > _OPENED_AT_FIRST and node is not self.root:
                continue
            self._fill(node)
            node.expand()
            waiting.extend(node.children)

    @on(Tree.NodeExpanded)
    def _fill_expanded(self, event: "Tree.NodeExpanded[Part | Group]") -> None:
        self._fill(event.node)

    def _fill(self, node: Node) -> None:
        """Make the nodes of the members, once."""
        if node.children or node.data is None:
            return
        for member in members(node.data):
            node.add("", member, allow_expand=len(member.indices) > 0)

    def render_label(self, node: Node, base_style: Style, style: Style) -> Text:
        """Key and value of a node, in colours, safe to draw."""
        text = Text(no_wrap=True)
        if node.allow_expand:
            text.append("▾ " if node.is_expanded else "▸ ", base_style)
        else:
            text.append("" if node is self.root else "  ", base_style)
        if isinstance(node.data, Group):
            text.append(_range_words(node.data), self._style("json--size"))
        elif node.data is not None:
            self._append_part(text, node.data)
        text.stylize_before(style)
        return text

    def _append_part(self, text: Text, part: Part) -> None:
        if isinstance(part.key, str):
            text.append(_safe(_quoted(part.key)), self._style("json--key"))
            text.append(": ")
        elif part.key is not None:
            text.append(f"{part.key}: ", self._style("json--size"))
        if is_container(part.value):
            text.append(_size_words(part), self._style("json--size"))
        else:
            text.append(_scalar(part.value), self._style(_component_of(part.value)))

    def _style(self, component: str) -> Style:
        return component_style(self, component)

    def action_copy(self) -> None:
        """Copy the value under the cursor as JSON."""
        node = self.cursor_node or self.root
        if node.data is None:
            return
        text = json.dumps(node.data.content, ensure_ascii=False, indent=2)
        too_long = len(text) > _LARGEST_COPY
        if not too_long:
            self.app.copy_to_clipboard(text)
        self.post_message(self.Copied("the value", too_long=too_long))

    def action_fold(self) -> None:
        """Fold the node, or go to the one it is in."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded:
            node.collapse()
        elif node.parent is not None:
            self.move_cursor(node.parent)

    def action_unfold(self) -> None:
        """Unfold the node, or go into it."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if node.is_expanded:
            self.action_cursor_down()
        else:
            node.expand()


def _range_words(group: Group) -> str:
    return f"{format_count(group.indices.start)} … {format_count(group.indices.stop - 1)}"


def _size_words(part: Part) -> str:
    """`{3 keys}`, `[12 items]`, `{}`."""
    size = len(part.indices)
    is_object = isinstance(part.value, Mapping)
    noun = ("key" if is_object else "item") + ("" if size == 1 else "s")
    words = f"{format_count(size)} {noun}" if size else ""
    return f"{{{words}}}" if is_object else f"[{words}]"


def _scalar(value: JsonValue) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    if len(value) <= _LONGEST_STRING:
        return _safe(_quoted(value))
    more = format_count(len(value) - _LONGEST_STRING)
    return f"{_safe(_quoted(value[:_LONGEST_STRING]))} … {more} more characters"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _safe(text: str) -> str:
    return make_safe(text).plain


def _component_of(value: JsonValue) -> str:
    if isinstance(value, str):
        return "json--string"
    return "json--literal" if value is None or isinstance(value, bool) else "json--number"
