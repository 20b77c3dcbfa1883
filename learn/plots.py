"""Plots as inline SVG: they scale with the page, take its colours (classes of report.css) and need no script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup, escape

from learn.intervals import Interval

BINS = 10
# Room for the numbers of an axis, also in the larger letters of a phone.
LEFT = 64


def wins_and_losses(differences: Mapping[str, float], ours: str, theirs: str) -> Markup:
    """One bar a query, the greatest win to the left: up where `ours` is better, down where `theirs` is."""
    width, height, left, middle = 1000, 300, LEFT, 150
    ordered = sorted(differences.items(), key=lambda each: -each[1])
    reach = max((abs(value) for value in differences.values()), default=0) or 1.0
    step = (width - left) / max(1, len(ordered))
    parts = [_rule(left, width, middle - share * 120, f"{share * reach:+.2f}") for share in (-1, -0.5, 0, 0.5, 1)]
    for place, (query, value) in enumerate(ordered):
        tall = max(abs(value) / reach * 120, 1.0)
        style = "win" if value > 1e-9 else "loss" if value < -1e-9 else "tie"
        top = middle - tall if value > 0 else middle
        parts.append(
            f'<rect class="{style}" x="{left + place * step:.1f}" y="{top:.1f}" width="{max(step - 1.5, 1):.1f}" '
            f'height="{tall:.1f}" rx="1"><title>{escape(query)}: {value:+.3f}</title></rect>'
        )
    parts.append(_text(left + 6, 16, f"{ours} better"))
    parts.append(_text(width - 6, height - 8, f"{theirs} better", "end"))
    return _svg(width, height, parts, f"Difference in nDCG@10 for each query, {ours} minus {theirs}")


def distribution(series: Mapping[str, Sequence[float]]) -> Markup:
    """How many queries lie in each tenth of nDCG@10, a bar for each ranker."""
    width, height, left, floor = 1000, 280, LEFT, 240
    counts = {name: _histogram(values) for name, values in series.items()}
    most = max((max(each) for each in counts.values()), default=0) or 1
    parts = [_rule(left, width, floor - share * 200, f"{share * most:.0f}") for share in (0, 0.5, 1)]
    slot = (width - left - 16) / BINS
    bar = (slot - 14) / max(1, len(counts))
    for number, (name, bins) in enumerate(counts.items()):
        for place, count in enumerate(bins):
            tall = count / most * 200
            x = left + place * slot + 7 + number * bar
            label = f"{name}: {count} queries from {place / BINS:.1f} to {(place + 1) / BINS:.1f}"
            parts.append(
                f'<rect class="series{number}" x="{x:.1f}" y="{floor - tall:.1f}" width="{bar - 2:.1f}" '
                f'height="{tall:.1f}" rx="2"><title>{escape(label)}</title></rect>'
            )
    parts += [_text(left + place * slot, floor + 22, f"{place / BINS:.1f}", "middle") for place in range(BINS + 1)]
    return _svg(width, height, parts, "Queries by nDCG@10")


def whisker(interval: Interval, low: float, high: float, zero: bool = False) -> Markup:
    """A mean with its interval between two bounds, for a table's cell. `zero` draws the line of no difference."""
    span = (high - low) or 1.0

    def x(value: float) -> float:
        return 6 + (min(max(value, low), high) - low) / span * 188

    parts = [f'<line class="zero" x1="{x(0):.1f}" x2="{x(0):.1f}" y1="1" y2="21"/>'] if zero else []
    parts.append(f'<line class="whisker" x1="{x(interval.low):.1f}" x2="{x(interval.high):.1f}" y1="11" y2="11"/>')
    parts.append(f'<circle class="dot" cx="{x(interval.mean):.1f}" cy="11" r="4.5"/>')
    return _svg(200, 22, parts, f"{interval.mean:.3f}, from {interval.low:.3f} to {interval.high:.3f}")


def bar(share: float | None, style: str = "series0") -> Markup:
    """A share from 0 to 1 as a bar, for a table's cell."""
    if share is None:
        return Markup("")
    parts = [
        '<rect class="track" x="0" y="4" width="100" height="10" rx="3"/>',
        f'<rect class="{style}" x="0" y="4" width="{share * 100:.1f}" height="10" rx="3"/>',
    ]
    return _svg(100, 18, parts, f"{share:.0%}")


def _histogram(values: Sequence[float]) -> list[int]:
    bins = [0] * BINS
    for value in values:
        bins[min(BINS - 1, int(value * BINS))] += 1
    return bins


def _rule(left: float, right: float, y: float, label: str) -> str:
    return f'<line class="axis" x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}"/>' + _text(
        left - 6, y + 4, label, "end"
    )


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(width: int, height: int, parts: Sequence[str], label: str) -> Markup:
    # Every text in the parts is escaped where it is put in.
    inner = "".join(parts)
    return Markup(  # noqa: S704
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(label)}">{inner}</svg>'
    )
