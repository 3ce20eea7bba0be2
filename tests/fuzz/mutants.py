"""Updates as no platform would send them, made from real ones: wrong types, missing keys, numbers and texts past all bounds."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

WORDS = "my husband walnut"  # stands in every real update that holds words, and may stand in no log
ODD = (
    "", "\0", "\ud800", "a\udfffb", "\u202e\u200f", "😀" * 2048, "x" * 4096, "@everyone <@&1> <@1>", "/verse@", "/",
    "'; DROP TABLE turns; --", "../../../../etc/passwd", "${jndi:ldap://x}", "{0.__class__}", "%s%n", WORDS,
    "up:" + "9" * 60, "stop:-1", "page:2.47", "[x](tg://user?id=7)", "NaN", "٣",
)  # fmt: skip
NUMBERS = (0, -1, 2**31, 2**63 - 1, 2**63, -(2**63) - 1, 10**30, 1e308, float("inf"), float("nan"), 0.5)

JUNK = st.one_of(
    st.sampled_from([None, True, False, [], {}, [[]], [None], {"id": 1}, [{}], {"": {}}]),
    st.sampled_from(NUMBERS),
    st.sampled_from(ODD),
    st.integers(),
    st.text(st.characters(exclude_categories=()), max_size=12),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything in a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [p for key, v in inner for p in ((*path, key), *places(v, (*path, key)))]


@st.composite
def mutants(draw: st.DrawFn, real: list[dict[str, Any]]) -> dict[str, Any]:
    """One of the real updates with up to four things wrong in it."""
    update = copy.deepcopy(draw(st.sampled_from(real)))
    for _ in range(draw(st.integers(0, 4))):
        found = places(update)
        if not found:
            break
        *way, last = draw(st.sampled_from(found))
        holder = update
        for key in way:
            holder = holder[key]
        match draw(st.sampled_from(["junk", "junk", "gone", "other", "deep", "many"])):
            case "junk":
                holder[last] = copy.deepcopy(draw(JUNK))
            case "gone":
                del holder[last]
            case "other":  # what stands elsewhere in it
                value: Any = update
                for key in draw(st.sampled_from(found)):
                    value = value[key]
                holder[last] = copy.deepcopy(value)
            case "deep":
                for _ in range(draw(st.sampled_from([1, 3, 200]))):
                    holder[last] = [holder[last]] if draw(st.booleans()) else {"message": holder[last]}
            case "many":
                holder[last] = [copy.deepcopy(holder[last]) for _ in range(20)]
    return update
