"""INV: the same wish in other letters must bring much the same row. A case is a plain query and one rewriting of it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from random import Random

from learn.checks.catalogue import Catalogue
from learn.checks.model import Answer, Case, Check, Failed, Make, Outcome, Void
from learn.checks.words import ACCENTS, is_plain, one_edit, plural, singular, tokens
from learn.items import Item

# The share of the plain query's top ten that must stay. Half: better wording may well bring better documents.
KEPT = 0.5
# A word that the sample's titles have so often is a word of the catalogue and not a slip in it.
KNOWN = 3
FILLERS = ("best {}", "buy {}", "{} online", "good {}", "new {} for sale", "looking for {}", "{} please")
EMPTY_WORDS = ("the {}", "a {}", "some {} for me", "{} with the", "{} of a")
SIZE = re.compile(r"(?<![\w.,])(\d{1,4}(?:[.,]\d{1,2})?) ?(GB|TB|MB|GHz|MHz|Hz|W|V|mAh|kg|g|mm|cm|m|ml|L|ft)\b")
INCHES = re.compile(r"(?<![\w.,])(\d{1,3}(?:\.\d{1,2})?) ?(?:\"|”|″|''|-?inch(?:es)?\b|in\b)", re.IGNORECASE)
INCH_FORMS = ('{}"', "{} in", "{} inch", "{}-inch", "{}inch", "{}''")


def keeps_half(_case: Case, answers: Sequence[Answer]) -> Outcome:
    """At least half of the plain query's results are among those of the rewritten one."""
    plain, other = ([item.id for item in answer] for answer in answers)
    if not plain:
        return Void("the plain query finds nothing")
    kept = len(set(plain) & set(other))
    if kept >= KEPT * len(plain):
        return None
    first = f"; first: {answers[1][0].title!r}" if other else ""
    return Failed(f"{kept} of {len(plain)} results stay{first}")


def keeps_target_or_half(case: Case, answers: Sequence[Answer]) -> Outcome:
    """The document that the query was made from stays in the top ten where it was, or half of the results stay."""
    if case.item and all(case.item.id in [item.id for item in answer] for answer in answers):
        return None
    return keeps_half(case, answers)


def _rewriting(rewrite: Callable[[str, Random], str | None]) -> Make:
    """Cases of a rewriting of plain queries; None where it does not apply."""

    def make(catalogue: Catalogue, random: Random) -> Iterator[Case]:
        while True:
            query = catalogue.query(random)
            other = rewrite(query, random)
            yield Case((query, other) if other and other != query else ())

    return make


def typo(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """A few words of a title, one of them with a slip."""
    while True:
        item = random.choice(catalogue.items)
        words = [word for word in dict.fromkeys(tokens(item.title)) if is_plain(word)][:4]
        long = [word for word in words if len(word) > 4 and catalogue.vocabulary[word] >= KNOWN]
        if not long or not catalogue.nouns & set(words) or len(words) < 2:
            yield Case(())
            continue
        word = random.choice(long)
        slip = one_edit(word, random)
        known = slip in catalogue.vocabulary or slip == word
        pair = (" ".join(words), " ".join(slip if each == word else each for each in words))
        yield Case(() if known else pair, item)


def number(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """The thing in the other number."""
    while True:
        query = random.choice([*catalogue.things, catalogue.query(random)])
        *before, last = query.split()
        other = singular(last) if singular(last) != last else plural(last)
        yield Case((query, " ".join([*before, other])))


def compounds(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """Two words that titles also write as one: in one spelling and in the other."""
    known = [
        pair
        for pair, count in sorted(catalogue.pairs.items())
        if count > 1 and all(map(is_plain, pair)) and catalogue.vocabulary["".join(pair)] > 1
    ]
    random.shuffle(known)
    for first, second in known:
        forms = [f"{first} {second}", f"{first}{second}"]
        random.shuffle(forms)
        yield Case((forms[0], forms[1]))


def synonyms(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """Two words that are declared to mean the same, of which titles use one."""
    used = [
        pair
        for pair in catalogue.synonyms
        if any(all(catalogue.vocabulary[word] for word in tokens(phrase)) for phrase in pair)
    ]
    random.shuffle(used)
    for pair in used:
        yield Case(pair)


def units(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """A thing with its measure: `flash drive 16 gb`, `flash drive 16gb`."""
    for item, value, unit in _measures(catalogue, random, SIZE):
        what = catalogue.thing_of(item) or item.brand.casefold()
        forms = [f"{what} {value} {unit.casefold()}", f"{what} {value}{unit.casefold()}"]
        random.shuffle(forms)
        yield Case((forms[0], forms[1]) if what else ())


def inches(catalogue: Catalogue, random: Random) -> Iterator[Case]:
    """A thing with its size in inches, written in two ways."""
    for item, value, _ in _measures(catalogue, random, INCHES):
        what = catalogue.thing_of(item) or item.brand.casefold()
        first, second = (form.format(value) for form in random.sample(INCH_FORMS, 2))
        yield Case((f"{first} {what}", f"{second} {what}") if what else ())


def _measures(catalogue: Catalogue, random: Random, pattern: re.Pattern[str]) -> Iterator[tuple[Item, str, str]]:
    items = [item for item in catalogue.items if pattern.search(item.title)]
    random.shuffle(items)
    for item in items:
        found = pattern.search(item.title)
        if found:
            yield item, found[1], found[2] if pattern.groups > 1 else ""


def _reorder(query: str, _random: Random) -> str:
    words = query.split()
    return " ".join([words[-1], *words[:-1]])


def _accent(query: str, random: Random) -> str | None:
    places = [place for place, char in enumerate(query) if ord(char) in ACCENTS]
    if not places:
        return None
    place = random.choice(places)
    return query[:place] + query[place].translate(ACCENTS) + query[place + 1 :]


def _punctuate(query: str, random: Random) -> str:
    words = query.split()
    shape = random.choice(("{}!", "{}?", "({})", "{}.", "'{}'"))
    return shape.format(random.choice((", ", " - ", " / ", " & ")).join(words))


def _joined_hyphen(query: str, random: Random) -> str | None:
    words = query.split()
    if len(words) < 2:
        return None
    place = random.randrange(len(words) - 1)
    return " ".join([*words[:place], f"{words[place]}-{words[place + 1]}", *words[place + 2 :]])


def _twice(query: str, random: Random) -> str:
    words = query.split()
    word = random.choice(words)
    return " ".join([*words, word])


def _filler(query: str, random: Random) -> str:
    return random.choice(FILLERS).format(query)


def _empty(query: str, random: Random) -> str:
    return random.choice(EMPTY_WORDS).format(query)


def _emoji(query: str, random: Random) -> str:
    return f"{random.choice('🔥✨😍🎁')} {query} ❤️"


def _and_nonsense(query: str, random: Random) -> str:
    return f"{query} {''.join(random.choice('zxqvkjw') + random.choice('qxzvjk') for _ in range(3))}"


def _upper(query: str, _random: Random) -> str:
    return query.upper()


def _inv(name: str, says: str, make: Make) -> Check:
    return Check(name, "INV", says, make, keeps_half)


CHECKS = (
    Check("typo", "INV", "a slip of a finger in one word", typo, keeps_target_or_half),
    _inv("plural", "singular and plural", number),
    _inv("word order", "the last word first", _rewriting(_reorder)),
    _inv("case", "all in capitals", _rewriting(_upper)),
    _inv("accent", "an accent that does not belong there", _rewriting(_accent)),
    _inv("punctuation", "commas, slashes, brackets, a question mark", _rewriting(_punctuate)),
    _inv("hyphen", "a hyphen in place of a space", _rewriting(_joined_hyphen)),
    _inv("compound", "two words as one, one as two", compounds),
    _inv("unit", "256 gb, 256gb", units),
    _inv("inches", '17", 17 in, 17-inch', inches),
    _inv("synonym", "a declared synonym", synonyms),
    _inv("filler word", "best …, buy …, … online", _rewriting(_filler)),
    _inv("empty word", "the …, some … for me", _rewriting(_empty)),
    _inv("said twice", "one word twice", _rewriting(_twice)),
    _inv("emoji", "an emoji at both ends", _rewriting(_emoji)),
    _inv("nonsense word", "a word that does not exist", _rewriting(_and_nonsense)),
)
