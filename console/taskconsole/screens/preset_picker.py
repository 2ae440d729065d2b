"""Lets the user pick one of a task's presets: to be put into the editor, run, or deleted."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from taskconsole.phrases import count, plain
from taskconsole.screens.sheet import sheet_css
from taskconsole.widgets.line_input import LineInput
from taskconsole.widgets.options import Options
from taskconsole.widgets.task_list import fuzzy

_NAME_WIDTH = 24
_MOVES = frozenset({"cursor_down", "cursor_up", "run", "delete"})


@dataclass(frozen=True, slots=True)
class Picked:
    """The preset that was picked, and whether it is to be run at once."""

    name: str
    runs: bool


class PresetList(Options):
    """The presets that match, one a line."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "cursor_down", show=False, tooltip="Go to the next preset"),
        Binding("k,up", "cursor_up", show=False, tooltip="Go to the previous preset"),
    ]


class PresetPicker(ModalScreen[Picked | None]):
    """Gives back what was picked, or None. `presets` gives the texts by name, as they are kept now;
    `delete` returns when one is gone.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,ctrl+j,f5", "run", "Run", tooltip="Put it into the editor and run it"),
        Binding("D", "delete", "Delete", tooltip="Delete the preset"),
        Binding("slash", "filter", "Filter", key_display="/", tooltip="Filter the presets"),
        Binding("escape", "leave", "Back", tooltip="List all presets again, or close the list"),
    ]
    AUTO_FOCUS = "PresetList"
    DEFAULT_CSS = sheet_css(
        "PresetPicker",
        """
        .sheet { width: 72; padding: 0 1; max-height: 90%; }
        OptionList { max-height: 8; text-wrap: nowrap; text-overflow: ellipsis; padding: 0; }
        Input { display: none; border: none; height: 1; padding: 0; background: $panel; }
        Input:focus { border: none; }
        &.-filtered Input { display: block; }
        #text { height: auto; max-height: 9; border-top: solid $border-blurred; }
        """,
    )

    def __init__(
        self,
        task: str,
        presets: Callable[[], Mapping[str, str]],
        delete: Callable[[str], Awaitable[None]],
    ) -> None:
        super().__init__()
        self._of_task = task
        self._presets = presets
        self._delete = delete
        self._names: list[str] = []

    def compose(self) -> ComposeResult:
        """The names above the text of the one under the cursor."""
        with Vertical(classes="sheet") as frame:
            frame.border_title = Content(f"Presets of {plain(self._of_task)}")
            frame.border_subtitle = "enter inserts · r runs · D deletes · / filters"
            yield LineInput(placeholder="letters of a name")
            yield PresetList()
            yield Static("", id="text", markup=False)

    def on_mount(self) -> None:
        """List all of them."""
        self._show()

    def _show(self) -> None:
        query, presets = self.query_one(Input).value.strip(), self._presets()
        names = self.query_one(PresetList)
        before = names.highlighted or 0
        self._names = [row.path for row in fuzzy.rows(query, presets)] if query else list(presets)
        width = min(max(map(len, presets), default=0), _NAME_WIDTH)
        names.set_options(Option(_row(name, presets[name], width)) for name in self._names)
        names.highlighted = min(before, len(self._names) - 1) if self._names else None
        frame = self.query_one(".sheet", Vertical)
        frame.border_title = Content(f"{count(len(presets), 'preset')} of {plain(self._of_task)}")
        self._show_text()

    @on(OptionList.OptionHighlighted)
    def _show_text(self) -> None:
        words = "no preset matches" if self._presets() else "there is no preset any more"
        text = self._presets().get(self._chosen) if self._chosen else words
        self.query_one("#text", Static).update(plain(text or words))
        self.refresh_bindings()

    @property
    def _chosen(self) -> str | None:
        place = self.query_one(PresetList).highlighted
        return None if place is None or place >= len(self._names) else self._names[place]

    def check_action(
        self,
        action: str,
        parameters: tuple[object, ...],  # noqa: ARG002 - Textual's signature
    ) -> bool | None:
        """Whether an action would do something now."""
        return action not in _MOVES or self._chosen is not None

    @on(OptionList.OptionSelected)
    def _insert(self) -> None:
        self._pick(runs=False)

    def action_run(self) -> None:
        """Give it back to be run."""
        self._pick(runs=True)

    def _pick(self, *, runs: bool) -> None:
        if name := self._chosen:
            self.dismiss(Picked(name, runs))

    async def action_delete(self) -> None:
        """Delete the preset under the cursor."""
        if name := self._chosen:
            await self._delete(name)
            self._show()

    def action_filter(self) -> None:
        """Let the user type a filter."""
        self.add_class("-filtered")
        self.query_one(Input).focus()

    @on(Input.Changed)
    def _filter(self) -> None:
        self._show()

    @on(Input.Submitted)
    def _end_filter(self) -> None:
        self.query_one(PresetList).focus()

    def action_leave(self) -> None:
        """Undo one thing: the filter, the list."""
        if not self.has_class("-filtered"):
            self.dismiss()
            return
        self.query_one(Input).value = ""
        self.remove_class("-filtered")
        self.query_one(PresetList).focus()


def _row(name: str, text: str, width: int) -> Content:
    in_a_line = plain(" ".join(text.split()))
    return Content.assemble((f"{plain(name):<{width}}", "bold"), (f"  {in_a_line}", "$text-muted"))
