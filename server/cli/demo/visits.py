"""What the demo's shoppers see: stores with a hidden quality, shoppers with a hidden severity."""

import io
import random
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from server.domain.checklist import Document, Item, ItemType

_VERBATIMS = (
    "Mi hanno accolta subito e ho provato tre fragranze sulla pelle; sono uscita con un campione.",
    "Personale gentile ma di fretta: ho dovuto chiedere io il prezzo del profumo in vetrina.",
    "Una visita piacevole: nessuna pressione, risposte chiare, e la cassa era veloce.",
    "Ho aspettato qualche minuto prima che qualcuno mi notasse; poi la consulenza è stata ottima.",
    "Negozio bello e luminoso; peccato che nessuno mi abbia spiegato la carta fedeltà.",
)


def quality(code: str) -> float:
    """A store's comes from its code, so that every run and shopper meets the same store."""
    return min(0.97, max(0.3, random.Random(f"quality {code}").gauss(0.74, 0.13)))


@dataclass(frozen=True, slots=True)
class Visitor:
    """How one visit goes: `quality` of the store (0–1), `severity` of the shopper (−0.2…0.2)."""

    quality: float
    severity: float
    dice: random.Random

    def answers(self, document: Document) -> dict[str, Any]:
        """A value for every item but the photos."""
        return {
            item.key: self._value(item) for item in document.items() if item.type != ItemType.PHOTO
        }

    def _value(self, item: Item) -> Any:
        if item.allow_na and self.dice.random() < 0.15:
            return {"na": True}
        match item.type:
            case ItemType.YES_NO:
                chance = 0.25 if item.bonus else 0.45 + 0.5 * self.quality
                return self.dice.random() < chance
            case ItemType.SCALE:
                low, high = item.min or 0, item.max or 10
                felt = self.quality - self.severity + self.dice.gauss(0, 0.12)
                return round(low + (high - low) * min(1, max(0, felt)))
            case ItemType.NPS:
                felt = self.quality + 0.12 - self.severity + self.dice.gauss(0, 0.12)
                return round(10 * min(1, max(0, felt)))
            case ItemType.SINGLE_CHOICE:
                best = max(item.choices, key=lambda choice: choice.points)
                good = self.dice.random() < self.quality
                return best.key if good else self.dice.choice(item.choices).key
            case ItemType.MULTIPLE_CHOICE:
                return [c.key for c in item.choices if self.dice.random() < self._chance(c.points)]
            case ItemType.NUMBER:
                return self._number(item)
            case _:
                return self.dice.choice(_VERBATIMS)

    def _chance(self, points: float) -> float:
        return self.quality if points > 0 else 0.8 * (1 - self.quality)

    def _number(self, item: Item) -> int:
        best = max(item.bands, key=lambda band: band.points)
        start = int(best.start or 0)
        if self.dice.random() < self.quality:
            return start + self.dice.randrange(max(1, int((best.to or start + 1) - start)))
        return self.dice.randint(int(item.min or 0), min(int(item.max or 30), 240))


def photo(caption: str, dice: random.Random) -> bytes:
    """A small JPEG of a shelf, different each time."""
    picture = Image.new("RGB", (640, 480), _colour(dice, 180, 240))
    draw = ImageDraw.Draw(picture)
    for row in range(3):
        for column in range(8):
            left, top = 30 + column * 75, 60 + row * 130
            box = (left, top, left + dice.randint(30, 60), top + dice.randint(60, 110))
            draw.rounded_rectangle(box, 8, fill=_colour(dice, 40, 220))
    draw.text((20, 15), caption, fill="black")
    buffer = io.BytesIO()
    picture.filter(ImageFilter.GaussianBlur(1)).save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _colour(dice: random.Random, low: int, high: int) -> tuple[int, int, int]:
    return (dice.randint(low, high), dice.randint(low, high), dice.randint(low, high))
