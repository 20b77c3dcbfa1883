"""Units of attribute values in one spelling: number, space, symbol, as the SI brochure (section 5.4.3) has it.

With the space a facet reads well ("256 GB"), and the search analysis takes `256gb` and `256 gb` for the same.
Inches are written `17"`, as shops do. Only a value that is a quantity and nothing else is
rewritten: "8GB DDR4" is a description.
"""

from __future__ import annotations

import re

# Letter case matters for single letters (a 5 m cable, a 5 M one does not exist; 4g and 5G are networks).
SPELLINGS = {
    "KB": "kb kbyte kilobyte kilobytes", "MB": "mb mbyte megabyte megabytes", "GB": "gb gbyte gigabyte gigabytes",
    "TB": "tb tbyte terabyte terabytes", "mm": "mm millimeter millimetre millimeters millimetres",
    "cm": "cm centimeter centimetre centimeters centimetres", "m": "m meter metre meters metres", "km": "km",
    "kg": "kg kgs kilogram kilograms", "g": "g gr gram grams", "mg": "mg",
    "lb": "lb lbs pound pounds", "oz": "oz ounce ounces",
    "ml": "ml milliliter millilitre", "l": "l liter litre liters litres", "W": "w watt watts", "kW": "kw", "mW": "mw",
    "V": "v volt volts", "A": "ampere amp amps", "mA": "ma", "mAh": "mah", "Ah": "ah", "Wh": "wh", "kWh": "kwh",
    "Hz": "hz hertz", "kHz": "khz", "MHz": "mhz", "GHz": "ghz", "dB": "db decibel decibels",
    "Mbit/s": "mbps mbit/s", "Gbit/s": "gbps gbit/s", "ms": "ms", "h": "hours hour hrs hr", "min": "min minutes minute",
    "°C": "°c", "°F": "°f", "MP": "mp megapixel megapixels", "rpm": "rpm", '"': '" in inch inches ″ \'\'',
}  # fmt: skip
CANONICAL = {spelling: unit for unit, spellings in SPELLINGS.items() for spelling in spellings.split()}
AMPERE = "A"  # one letter, so upper case only
NOT_QUANTITIES = frozenset({"Gb", "Mb", "Kb", "M", "G"})  # a Gb is a gigabit, 5G a network
NUMBER = r"\d+(?:[.,]\d+)?"
QUANTITY = re.compile(rf"({NUMBER}(?:\s*[-–]\s*-?{NUMBER})?)\s*(\"|''|″|°?[A-Za-z]+(?:/s)?)")
NETWORK = re.compile(r"802\.|[2-6]g\Z", re.IGNORECASE)  # 802.11g and 4g are no weights


def canonical_units(value: str) -> str:
    """`"256GB"`, `"256 gb"` → `"256 GB"`; `"17 inch"` → `'17"'`; what is no quantity is returned as it is."""
    if not value[:1].isdigit() or value[-1:].isdigit():
        return value
    found = QUANTITY.fullmatch(value)
    if found is None or NETWORK.match(value):
        return value
    amount, spelling = found.groups()
    unit = AMPERE if spelling == AMPERE else CANONICAL.get(spelling.lower())
    if unit is None or spelling in NOT_QUANTITIES:
        return value
    return f'{amount}"' if unit == '"' else f"{amount} {unit}"
