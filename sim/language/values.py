"""The leaves of the language: what text means where a number, a month, a name or a truth value is due.

Each kind is a marker beside a type in the schema (``Annotated[float, Number(ge=0)]``). It turns a scalar of the reader
into a value, or refuses it with what is allowed and how to put it right; its bounds reach the JSON Schema from the same
object. Numbers have one decimal grammar: YAML 1.2's, without leading zeros, infinities and NaN.
"""

from __future__ import annotations

import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from sim.errors import inert
from sim.language.hints import numerals, under, with_unit
from sim.language.reader import Scalar

NUMERAL = re.compile(r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
IDENTIFIER = re.compile(r"[a-z][a-z0-9_]*")
LARGEST = 1e15
"""What no number of a law may exceed, in months or as a share."""

LOOKS_LIKE_BOOL = frozenset(
    word for base in ("true", "false", "yes", "no", "on", "off") for word in (base, base.title(), base.upper())
)
LOOKS_LIKE_NULL = frozenset(("", "~", "null", "Null", "NULL"))


def refusal(found: str, allowed: str = "", help: str | None = None, *, at: str = "") -> PydanticCustomError:
    """Build a refusal that travels through pydantic.

    ``at`` names the keys below that it is about, separated by commas; the last written of them gets the caret.
    """
    return PydanticCustomError("refused", "{found}", {"found": found, "allowed": allowed, "help": help, "at": at})


def show(value: object) -> str:
    """Name a value, as it was found."""
    if isinstance(value, Scalar):
        if value.is_null:
            return "nothing (null)"
        if isinstance(value.value, str):
            text = inert(value.value, 60)
            return f"`{text}`" if value.plain else f'"{text}" (a quoted text)' if value.line else f"{text!r} (a text)"
        return f"`{_repr(value.value)}`"
    if isinstance(value, dict):
        return f"a mapping with {_few(list(value))}" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {len(value)}"
    return f"`{inert(value, 60) if isinstance(value, str) else _repr(value)}`"


def _repr(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > 200:
        return f"a whole number of {value.bit_length()} bits"
    return inert(repr(value), 60)


def _few(keys: list[Any]) -> str:
    names = ", ".join(inert(str(key), 30) for key in keys[:4])
    return f"{names}, …" if len(keys) > 4 else names


def month_number(text: str) -> int:
    """Count the months from year 0 to a ``YYYY-MM``."""
    return int(text[:4]) * 12 + int(text[5:7]) - 1


@dataclass(frozen=True)
class Kind(ABC):
    """What a leaf may be: turns a scalar into a value, and knows its words and its JSON Schema."""

    words: ClassVar[str] = "a value"
    merges: ClassVar[bool] = True
    """Whether a mapping whose keys are of this kind merges key by key; else a later one replaces it whole."""

    @property
    def allowed(self) -> str:
        """What may stand here, in words."""
        return self.words

    @abstractmethod
    def parse(self, value: Any) -> Any:
        """Turn what stands here into a value, or raise :func:`refusal`."""

    @abstractmethod
    def json(self) -> CoreSchema:
        """Give the pydantic schema of the value, from which the JSON Schema is exported."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        parse: Callable[[Any], Any] = self.parse
        return core_schema.no_info_before_validator_function(parse, self.json())


def _number_help(text: str) -> str | None:
    """Say what was probably meant by a text that is no number."""
    plain = text.strip()
    if match := re.fullmatch(r"([-+]?[0-9]+(\.[0-9]+)?) ?%", plain):
        return f"write a share: {float(match.group(1)) / 100:.12g}"
    if re.fullmatch(r"[-+]?0+[0-9]+(\.[0-9]*)?", plain):
        sign, digits = ("-" if plain.startswith("-") else ""), plain.lstrip("+-").lstrip("0")
        digits = digits if digits[:1].isdecimal() else f"0{digits}"
        return f"write {sign}{digits}; numbers are decimal, without leading zeros"
    if re.fullmatch(r"[-+]?0[xX][0-9a-fA-F]{1,12}|[-+]?0[oO][0-7]{1,15}|[-+]?0[bB][01]{1,40}", plain):
        return f"write it in decimal: {int(plain, 0)}"
    if re.fullmatch(r"[-+]?[0-9]{1,3}([_,' ][0-9]{3})+(\.[0-9]+)?", plain):
        return "write it without separators: " + re.sub("[_,' ]", "", plain)
    if re.fullmatch(r"[-+]?[0-9][0-9_]*", plain):
        return "write it without separators: " + plain.replace("_", "")
    if re.fullmatch(r"[-+]?[0-9]+,[0-9]+", plain):
        return f"write the decimals after a point: {plain.replace(',', '.')}"
    if re.fullmatch(r"[0-9]+(:[0-9]+)+", plain):
        return "write one decimal number; 1:30 is text"
    if re.fullmatch(r"[-+]?\.?(inf|nan|infinity)", plain, re.IGNORECASE):
        return "leave the key out where there is no limit or no value"
    if plain in LOOKS_LIKE_BOOL:
        return "write 1 or 0 where that is meant"
    if re.fullmatch(r"[-+]?[0-9.]+ ?/ ?[0-9.]+", plain):
        return "write the result as a decimal number"
    return None


@dataclass(frozen=True)
class Number(Kind):
    """A decimal number within bounds; ``whole`` for one without a fraction."""

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    lt: float | None = None
    whole: bool = False
    alternative: str = ""

    @property
    def allowed(self) -> str:
        """The bounds in words."""
        words = "a whole number" if self.whole else "a number"
        lower = self.ge if self.ge is not None else self.gt
        upper = self.le if self.le is not None else self.lt
        above = f"above {self.gt:g}" if self.gt is not None else ""
        below = f"below {self.lt:g}" if self.lt is not None else ""
        if lower is not None and upper is not None:
            if self.ge is not None and self.ge == self.le:
                words = f"the number {self.ge:g}"
            elif self.ge is not None and self.le is not None:
                words += f" from {self.ge:g} to {self.le:g}"
            else:
                words += f" {above or f'from {self.ge:g}'} and {below or f'at most {self.le:g}'}"
        elif lower is not None:
            words += f" {above or f'of at least {self.ge:g}'}"
        elif upper is not None:
            words += f" {below or f'of at most {self.le:g}'}"
        return f"{words}, or {self.alternative}" if self.alternative else words

    def refuse(self, value: object, help: str | None = None, found: str | None = None) -> PydanticCustomError:
        """Build the refusal of a value."""
        return refusal(found or show(value), self.allowed, help)

    def parse(self, value: Any) -> float:
        """Turn a plain scalar of the decimal grammar, or a Python number, into a number within the bounds."""
        if not isinstance(value, Scalar):
            ends = numerals(value)
            two = ends is not None and len(ends) == 2 and "a law" in self.alternative
            raise self.refuse(value, f"write {{uniform: {under(('low', 'high'), ends)}}}" if two and ends else None)
        raw = value.value
        number = self._of_text(value, raw) if isinstance(raw, str) else self._of_python(value, raw)
        if not (
            (self.ge is None or number >= self.ge)
            and (self.gt is None or number > self.gt)
            and (self.le is None or number <= self.le)
            and (self.lt is None or number < self.lt)
        ):
            help = None
            if self.le == 1 and self.ge == 0 and 2 <= number <= 100:
                help = f"a share, not a percentage: {number / 100:.12g}"
            raise self.refuse(value, help)
        return number

    def _of_text(self, value: Scalar, text: str) -> float:
        if not value.plain:
            is_numeral = NUMERAL.fullmatch(text) is not None
            help = _number_help(text) or with_unit(text, self.whole)
            if is_numeral:
                help = "write the number without quotes" if value.line else f"give a number: {text}"
            raise self.refuse(value, help)
        if not NUMERAL.fullmatch(text):
            raise self.refuse(value, None if value.is_null else _number_help(text) or with_unit(text, self.whole))
        number = float(text) + 0.0  # no negative zero
        if math.isinf(number):
            digits = f"a number of {len(text)} characters" if len(text) > 60 else f"`{text}`"
            raise self.refuse(value, found=f"{digits}, beyond 1.8e308")
        if not self.whole:
            return number
        if number == 0.0:  # here Decimal could meet an exponent that it cannot hold, or that int() would write out
            if re.search("[1-9]", re.split("[eE]", text)[0]):
                raise self.refuse(value)
            return 0
        return self._whole(value, Decimal(text))

    def _of_python(self, value: Scalar, raw: float | bool | None) -> float:
        if raw is None or isinstance(raw, bool):
            raise self.refuse(value)
        try:
            number = float(raw)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            raise self.refuse(value)
        if not self.whole:
            return number
        return raw if isinstance(raw, int) else self._whole(value, Decimal(number))

    def _whole(self, value: Scalar, decimal: Decimal) -> int:
        if (decimal.adjusted() < 0 and decimal != 0) or int(decimal) != decimal:
            raise self.refuse(value)
        return int(decimal)

    def json(self) -> CoreSchema:
        """Number or integer, with the bounds."""
        if self.whole:
            ge, le = (None if bound is None else int(bound) for bound in (self.ge, self.le))
            return core_schema.int_schema(strict=True, ge=ge, le=le)
        return core_schema.float_schema(
            strict=True, allow_inf_nan=False, ge=self.ge, gt=self.gt, le=self.le, lt=self.lt
        )


@dataclass(frozen=True)
class Month(Kind):
    """A calendar month, ``YYYY-MM``."""

    words: ClassVar[str] = "a month as YYYY-MM"

    def parse(self, value: Any) -> str:
        """Turn text into a month."""
        text = value.value if isinstance(value, Scalar) else value
        if isinstance(text, str) and MONTH.fullmatch(text):
            return text
        help = None
        if isinstance(text, int) and not isinstance(text, bool) and 1900 <= text < 2200:
            help = f'give a text, with the month: "{text}-01"'
        if isinstance(text, str):
            if re.fullmatch(r"[0-9]{4}", text):
                help = f"add the month: {text}-01"
            elif match := re.fullmatch(r"([0-9]{4})[-/.]([1-9]|1[0-2])", text):
                help = f"write two digits: {match.group(1)}-{int(match.group(2)):02d}"
            elif match := re.fullmatch(r"([0-9]{4}-(0[1-9]|1[0-2]))-[0-9]{2}.*", text):
                help = f"leave out the day: {match.group(1)}"
        raise refusal(show(value), self.words, help)

    def json(self) -> CoreSchema:
        """Text by pattern."""
        return core_schema.str_schema(strict=True, pattern=f"^{MONTH.pattern}$")


@dataclass(frozen=True)
class Text(Kind):
    """A text for readers: a name, a label, a remark. May look like a number; must not look like a truth value."""

    what: str = "a text"
    lines: bool = False
    empty: bool = False

    @property
    def allowed(self) -> str:
        """What the text is for."""
        return self.what

    def parse(self, value: Any) -> str:
        """Take text as it is, a number as its text."""
        if not isinstance(value, Scalar) or value.value is None or isinstance(value.value, bool):
            raise refusal(show(value), self.what)
        text = str(value.value)
        if value.plain and (text in LOOKS_LIKE_BOOL or text in LOOKS_LIKE_NULL):
            help = "give the text, or leave the key out" if text == "" else f'in quotes it is a text: "{text}"'
            raise refusal(show(value), self.what, help)
        if not text.strip() and not self.empty:
            raise refusal("an empty text", self.what)
        if not self.lines and ("\n" in text or "\r" in text or "\t" in text):
            raise refusal("a text with line ends or tabs", f"{self.what} on one line")
        return text

    def json(self) -> CoreSchema:
        """Text, or a number that is taken as text."""
        text = core_schema.str_schema(strict=True, min_length=None if self.empty else 1)
        return core_schema.union_schema([text, core_schema.float_schema()])


@dataclass(frozen=True)
class Identifier(Kind):
    """An id: of a customer, an event or a lever."""

    what: str = "an id: a letter a to z, then letters, digits and _"

    @property
    def allowed(self) -> str:
        """What the id names."""
        return self.what

    def parse(self, value: Any) -> str:
        """Take text that is an id; a key comes as text, an item as a scalar."""
        text = value.value if isinstance(value, Scalar) else value
        if isinstance(value, Scalar) and value.plain and (text in LOOKS_LIKE_BOOL or text in LOOKS_LIKE_NULL):
            raise refusal(show(value), self.what)
        if isinstance(text, str) and IDENTIFIER.fullmatch(text):
            return text
        help = None
        if isinstance(text, str):
            proposal = re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_0123456789")[:60]
            help = f"write {proposal}; a label for readers goes under `name`" if proposal else None
        raise refusal(show(value) if isinstance(value, Scalar) else f"`{inert(str(value), 60)}`", self.what, help)

    def json(self) -> CoreSchema:
        """Text by pattern."""
        return core_schema.str_schema(strict=True, pattern=f"^{IDENTIFIER.pattern}$")


@dataclass(frozen=True)
class Choice(Kind):
    """One word out of a few."""

    options: tuple[str, ...] = ()

    @property
    def allowed(self) -> str:
        """The words."""
        return "one of " + ", ".join(self.options)

    def parse(self, value: Any) -> str:
        """Take one of the words."""
        if isinstance(value, Scalar) and isinstance(value.value, str) and value.value in self.options:
            return value.value
        raise refusal(show(value), self.allowed)

    def json(self) -> CoreSchema:
        """One of literals."""
        return core_schema.literal_schema(list(self.options))


@dataclass(frozen=True)
class Flag(Kind):
    """A truth value: ``true`` or ``false`` without quotes, nothing else."""

    words: ClassVar[str] = "true or false"

    def parse(self, value: Any) -> bool:
        """Take a truth value."""
        if isinstance(value, Scalar):
            if isinstance(value.value, bool):
                return value.value
            if value.plain and value.value in ("true", "false"):
                return value.value == "true"
            if isinstance(value.value, str) and value.value in LOOKS_LIKE_BOOL:
                meant = "true" if value.value.lower() in ("true", "yes", "on") else "false"
                if not value.line:
                    raise refusal(show(value), self.words, f"give {meant.title()}")
                raise refusal(show(value), self.words, f"write {meant}" + ("" if value.plain else " without quotes"))
        raise refusal(show(value), self.words)

    def json(self) -> CoreSchema:
        """Boolean."""
        return core_schema.bool_schema(strict=True)


@dataclass(frozen=True)
class NumberOrMonth(Kind):
    """A value of a sweep's axis."""

    words: ClassVar[str] = "a number, or a month as YYYY-MM"

    def parse(self, value: Any) -> float | str:
        """Take a month where it is one, else a number."""
        if isinstance(value, Scalar) and isinstance(value.value, str) and MONTH.fullmatch(value.value):
            return value.value
        try:
            return Number().parse(value)
        except PydanticCustomError as error:
            context = error.context or {}
            raise refusal(str(context["found"]), self.words, context.get("help")) from None

    def json(self) -> CoreSchema:
        """Either schema."""
        return core_schema.union_schema([Number().json(), Month().json()])


@dataclass(frozen=True)
class Key(Kind):
    """A number as a key of a table: months or a share."""

    words: ClassVar[str] = "a number of at least 0 as key"

    def parse(self, value: Any) -> str:
        """Keep the text of a key that is a number of at least 0."""
        text = str(value)
        if NUMERAL.fullmatch(text) and float(text) > LARGEST:
            raise refusal(f"`{inert(text, 60)}`", f"a number of at most {LARGEST:g} as key")
        if not NUMERAL.fullmatch(text) or float(text) < 0:
            raise refusal(f"`{inert(text, 60)}`", self.words, _number_help(text))
        return text

    def json(self) -> CoreSchema:
        """Text by pattern."""
        return core_schema.str_schema(strict=True, pattern=f"^({NUMERAL.pattern})$")


@dataclass(frozen=True)
class MonthOfTheYear(Kind):
    """A calendar month as a key: 1 for January to 12."""

    words: ClassVar[str] = "a calendar month as key, 1 to 12"

    def parse(self, value: Any) -> str:
        """Keep the number of a month."""
        text = str(value)
        if text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= 12 and text == str(int(text)):
            return text
        help = None
        if text.isdecimal() and text.startswith("0") and 1 <= int(text[:3]) <= 12:
            help = f"write {int(text)}"
        elif MONTH.fullmatch(text):
            help = f"a season is the same every year: write {int(text[5:])}"
        elif text[:3].lower() in _MONTHS:
            help = f"write {_MONTHS.index(text[:3].lower()) + 1}"
        raise refusal(f"`{inert(text, 60)}`", self.words, help)

    def json(self) -> CoreSchema:
        """Text by pattern."""
        return core_schema.str_schema(strict=True, pattern="^([1-9]|1[0-2])$")


@dataclass(frozen=True)
class CalendarMonth(Number):
    """A calendar month as a number: 1 for January to 12."""

    ge: float | None = 1
    le: float | None = 12
    whole: bool = True

    def refuse(self, value: object, help: str | None = None, found: str | None = None) -> PydanticCustomError:
        """Say which number a month has that is called by its name or with its year."""
        text = str(value.value) if isinstance(value, Scalar) else ""
        if MONTH.fullmatch(text):
            help = f"it is the same every year: write {int(text[5:])}"
        elif text[:3].lower() in _MONTHS:
            help = f"write {_MONTHS.index(text[:3].lower()) + 1}"
        return super().refuse(value, help, found)


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
