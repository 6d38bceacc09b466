"""Generated images of the demo site: prints of a fictional coast, under the license of this code.

`python -m newsite.demo.landscapes` writes the same files to content/pictures/ each time.
"""

from __future__ import annotations

from collections.abc import Callable
from math import sin
from pathlib import Path
from random import Random

from PIL import Image, ImageDraw

FOLDER = Path(__file__).parent / "content" / "pictures"
WIDE, UPRIGHT = (1600, 1067), (1067, 1600)
FINE = 2  # scale factor for smooth edges

Colour = tuple[int, int, int]
PAPER: Colour = (243, 236, 222)
INKS: dict[str, Colour] = {
    "clay": (141, 72, 32),
    "sea": (29, 96, 117),
    "moss": (76, 98, 41),
    "plum": (116, 64, 108),
    "slate": (71, 88, 109),
}


class Print:
    """Print; measures are in hundredths of the width, from the left and from the top."""

    def __init__(self, ink: str, size: tuple[int, int] = WIDE, *, night: bool = False) -> None:
        self.ink, self.night, self.size = INKS[ink], night, size
        self.image = Image.new("RGB", (size[0] * FINE, size[1] * FINE))
        self.pen = ImageDraw.Draw(self.image)
        self.unit = self.image.width / 100
        self.bottom = self.image.height / self.unit
        self.sky()

    def shade(self, strength: float) -> Colour:
        """Return a colour: 0 is paper, 1 is ink, more is darker. At night, paper is dark and ink is light."""
        if self.night:
            red, green, blue = (round(part * 0.28) for part in self.ink)
            return self._between((red, green, blue), PAPER, strength)
        if strength <= 1:
            return self._between(PAPER, self.ink, strength)
        return self._between(self.ink, (22, 20, 18), strength - 1)

    @staticmethod
    def _between(one: Colour, other: Colour, share: float) -> Colour:
        red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
        return red, green, blue

    def sky(self) -> None:
        bands = 9
        for band in range(bands):
            strength = 0.34 * (1 - band / bands) if not self.night else 0.02 + 0.04 * band
            top = self.bottom * 0.72 * band / bands
            self.area([(0, top), (100, top), (100, self.bottom), (0, self.bottom)], strength)

    def area(self, points: list[tuple[float, float]], strength: float) -> None:
        self.pen.polygon([(x * self.unit, y * self.unit) for x, y in points], fill=self.shade(strength))

    def disc(self, x: float, y: float, radius: float, strength: float) -> None:
        box = [(x - radius) * self.unit, (y - radius) * self.unit, (x + radius) * self.unit, (y + radius) * self.unit]
        self.pen.ellipse(box, fill=self.shade(strength))

    def box(self, left: float, top: float, width: float, height: float, strength: float) -> None:
        self.area([(left, top), (left + width, top), (left + width, top + height), (left, top + height)], strength)

    def ridge(self, y: float, rise: float, strength: float, *, seed: int, length: float = 1.0) -> None:
        """Draw hills or waves, with one shade below the line."""
        chance = Random(seed)
        waves = [(chance.uniform(0.03, 0.2) / length, chance.uniform(0, 6.3), chance.uniform(0.2, 1)) for _ in range(5)]
        weight = sum(each[2] for each in waves)
        line = [
            (x / 2, y - rise * sum(sin(x / 2 * pace + start) * high for pace, start, high in waves) / weight)
            for x in range(201)
        ]
        self.area([*line, (100, self.bottom), (0, self.bottom)], strength)

    def glitter(self, y: float, strength: float, *, seed: int, around: float) -> None:
        """Draw light on water: short lines, denser around its source."""
        chance = Random(seed)
        for _ in range(70):
            at, long = chance.gauss(around, 9), chance.uniform(1, 5)
            down = y + chance.random() ** 1.5 * (self.bottom - y - 2)
            self.box(at - long / 2, down, long, 0.28, strength)

    def boat(self, x: float, y: float, size: float, strength: float) -> None:
        self.area(
            [(x - size, y), (x + size, y), (x + size * 0.7, y + size * 0.35), (x - size * 0.8, y + size * 0.35)],
            strength,
        )
        self.area([(x, y - size * 2.4), (x, y - size * 0.2), (x + size * 0.95, y - size * 0.2)], strength * 0.55)
        self.area(
            [(x - 0.2, y - size * 2), (x - 0.2, y - size * 0.2), (x - size * 0.75, y - size * 0.2)], strength * 0.75
        )

    def house(self, x: float, y: float, width: float, height: float, strength: float, *, lights: int = 0) -> None:
        self.box(x, y - height, width, height, strength)
        self.area(
            [(x - 0.4, y - height), (x + width / 2, y - height - width * 0.5), (x + width + 0.4, y - height)], strength
        )
        for light in range(lights):
            self.box(
                x + width * (0.22 + 0.36 * (light % 2)),
                y - height * (0.8 - 0.35 * (light // 2)),
                width * 0.18,
                width * 0.24,
                0.9 if self.night else 0.12,
            )

    def tree(self, x: float, y: float, size: float, strength: float) -> None:
        self.box(x - size * 0.06, y - size, size * 0.12, size, strength)
        for across, up, radius in ((0, 1.25, 0.5), (-0.32, 1, 0.36), (0.34, 1.02, 0.38), (0.05, 0.85, 0.42)):
            self.disc(x + across * size, y - up * size, radius * size, strength)

    def save(self, name: str) -> None:
        self.image.resize(self.size, Image.Resampling.LANCZOS).save(FOLDER / f"{name}.webp", quality=72, method=6)


def lighthouse() -> Print:
    print_ = Print("sea")
    print_.disc(68, 17, 5.5, 0.02)
    print_.ridge(40, 5, 0.42, seed=3, length=1.5)
    print_.ridge(45, 1, 0.6, seed=8)
    print_.glitter(46, 0.3, seed=1, around=68)
    print_.ridge(53, 9, 1.15, seed=21, length=2.2)
    print_.area([(20.6, 50), (22, 22), (26, 22), (27.4, 50)], 0.06)
    print_.box(21.5, 30, 5, 5, 0.95)
    print_.box(21.1, 40, 5.8, 5, 0.95)
    print_.box(21.2, 21, 5.6, 1.2, 1.4)
    print_.box(22.5, 17.6, 3, 3.4, 0.35)
    print_.area([(21.9, 17.6), (24, 15), (26.1, 17.6)], 1.4)
    print_.ridge(58, 3, 1.5, seed=12)
    return print_


def bridge() -> Print:
    print_ = Print("clay")
    print_.disc(30, 26, 7, 0.03)
    for at, width, high in ((3, 7, 9), (11, 6, 13), (18, 8, 8), (62, 6, 10), (69, 8, 14), (78, 6, 8), (85, 9, 11)):
        print_.house(at, 44, width, high, 0.5, lights=4)
    print_.ridge(46, 0.8, 0.72, seed=5)
    print_.glitter(47, 0.4, seed=2, around=32)
    print_.box(0, 37, 100, 1.6, 1.5)
    for pier in (14, 50, 86):
        print_.box(pier - 1.6, 37, 3.2, 16, 1.5)
        print_.area([(pier - 0.7, 37), (pier, 18), (pier + 0.7, 37)], 1.5)
        for rope in (-17, -11, -6, 6, 11, 17):
            print_.area([(pier, 18.5), (pier + rope, 37), (pier + rope + 0.35, 37)], 1.5)
    print_.boat(34, 55, 4, 1.45)
    print_.ridge(63, 1.2, 1.25, seed=9)
    return print_


def meadow() -> Print:
    print_ = Print("moss")
    print_.ridge(10, 1.2, 0.3, seed=2)
    print_.boat(66, 9.6, 5, 1.3)
    for depth in range(6):
        print_.ridge(16 + depth * 8, 2.4, 0.42 + depth * 0.14, seed=30 + depth, length=1.6)
    chance = Random(4)
    for blade in range(150):
        root, high, lean = chance.uniform(-4, 100), chance.uniform(9, 26), chance.uniform(3, 9)
        strength = chance.choice((0.75, 1.05, 1.35, 1.6))
        foot = 69 - (150 - blade) / 150 * 8
        print_.area(
            [
                (root, foot),
                (root + lean * 0.4, foot - high * 0.6),
                (root + lean, foot - high),
                (root + lean * 0.4 + 0.8, foot - high * 0.55),
                (root + 1, foot),
            ],
            strength,
        )
    for fish in range(9):
        x, y = 14 + fish * 9 + chance.uniform(-3, 3), chance.uniform(24, 40)
        print_.area([(x, y), (x + 2, y - 0.7), (x + 3.4, y), (x + 2, y + 0.7)], 0.12)
        print_.area([(x + 0.4, y), (x - 1, y - 0.7), (x - 1, y + 0.7)], 0.12)
    return print_


def lanterns() -> Print:
    print_ = Print("plum", night=True)
    print_.disc(78, 12, 4.6, 0.92)
    print_.ridge(42, 5, 0.3, seed=14, length=1.6)
    chance = Random(7)
    for number in range(11):
        print_.house(number * 9.4 - 2, 56, chance.uniform(6, 9), chance.uniform(8, 17), 0.14, lights=4)
    print_.ridge(57, 0.6, 0.06, seed=3)
    for string in (20, 28):
        for number in range(15):
            x = number * 7.1 + string / 8
            sag = string + 7 * sin(number / 14 * 3.14159) + number % 3
            print_.disc(x, sag, 1.5, 0.42)
            print_.disc(x, sag, 0.95, 0.95)
    print_.glitter(58, 0.55, seed=6, around=50)
    return print_


def market_hall() -> Print:
    print_ = Print("clay")
    print_.ridge(36, 4, 0.32, seed=17, length=2)
    print_.area([(12, 33), (50, 12), (88, 33)], 0.95)
    print_.area([(17, 33), (50, 15.5), (83, 33)], 0.7)
    print_.box(12, 33, 76, 20, 0.55)
    for arch in range(7):
        left = 15.2 + arch * 10.2
        print_.disc(left + 4, 41, 3.4, 1.5)
        print_.box(left + 0.6, 41, 6.8, 12, 1.5)
    print_.disc(50, 25.4, 3.2, 0.05)
    print_.box(49.75, 23, 0.5, 2.6, 1.4)
    print_.area([(50, 25), (52, 26.2), (51.8, 26.6), (49.8, 25.6)], 1.4)
    print_.box(0, 53, 100, 15, 0.3)
    chance = Random(11)
    for _ in range(13):
        x, y = chance.uniform(4, 94), chance.uniform(56, 62)
        print_.disc(x, y - 5.2, 0.8, 1.5)
        print_.area(
            [(x - 1.1, y), (x - 0.8, y - 4.2), (x + 0.8, y - 4.2), (x + 1.1, y)], chance.choice((1.1, 1.3, 1.5))
        )
    return print_


def trees() -> Print:
    print_ = Print("moss")
    print_.disc(80, 14, 5, 0.03)
    for at in range(0, 100, 11):
        print_.house(at, 47, 8.4, 15 + at * 7 % 6, 0.35, lights=4)
    print_.box(0, 47, 100, 25, 0.5)
    print_.area([(0, 67), (0, 56), (100, 50), (100, 60)], 0.25)
    for number, x in enumerate((8, 25, 43, 62, 82)):
        print_.tree(x, 59 - number * 1.5, 13.5 - number * 0.9, 1.1 + number % 2 * 0.25)
    return print_


def ferry() -> Print:
    print_ = Print("sea", night=True)
    print_.disc(24, 14, 5, 0.88)
    print_.ridge(36, 5, 0.32, seed=44, length=1.8)
    print_.ridge(41, 0.8, 0.22, seed=45)
    print_.glitter(42, 0.62, seed=13, around=24)
    print_.area([(44, 40), (88, 37), (84, 48), (49, 48)], 0.03)
    print_.area([(52, 33), (80, 31.6), (80, 37.8), (52, 39.6)], 0.7)
    print_.area([(58, 28), (74, 27), (74, 32), (58, 33)], 0.85)
    print_.area([(67, 20), (71, 19.7), (71.6, 27), (67.4, 27.3)], 0.05)
    for window in range(9):
        print_.box(54 + window * 2.8, 35 - window * 0.12, 1.6, 1.5, 0.08)
    print_.ridge(49, 1.4, 0.13, seed=46)
    print_.ridge(57, 1.6, 0.05, seed=47)
    return print_


def tide_gauge() -> Print:
    print_ = Print("slate", UPRIGHT)
    print_.disc(70, 30, 9, 0.03)
    print_.ridge(84, 8, 0.45, seed=61, length=1.7)
    print_.ridge(96, 1, 0.62, seed=62)
    print_.glitter(98, 0.3, seed=63, around=70)
    print_.box(26, 26, 10, 124, 1.45)
    print_.box(28, 28, 6, 110, 0.04)
    for mark in range(36):
        print_.box(28, 30 + mark * 3, 6 if mark % 5 == 0 else 3, 0.9, 1.45)
    print_.ridge(122, 1.6, 1.1, seed=64)
    print_.ridge(134, 2.4, 1.4, seed=65)
    return print_


def cutter() -> Print:
    print_ = Print("sea")
    print_.disc(22, 15, 5, 0.02)
    print_.ridge(37, 4, 0.38, seed=71, length=1.7)
    print_.ridge(41, 1, 0.55, seed=72)
    print_.glitter(42, 0.3, seed=73, around=26)
    print_.area([(38, 40.5), (76, 38), (70, 48), (44, 48)], 1.55)
    print_.area([(38.8, 41.6), (75.2, 39.2), (74.6, 40.4), (39.4, 42.8)], 0.05)
    print_.area([(49, 31), (63, 30.2), (65, 39), (48, 40)], 0.12)
    for window in range(4):
        print_.box(50.6 + window * 3.3, 32.8 - window * 0.2, 2.2, 2.6, 1.45)
    print_.area([(55.6, 19), (56.2, 19), (56.6, 30.8), (55.2, 30.9)], 1.55)
    print_.area([(56.2, 19.4), (61, 20.6), (56.2, 22)], 0.95)
    print_.ridge(47.5, 2.2, 1.0, seed=74)
    print_.ridge(55, 2.4, 1.3, seed=75)
    print_.ridge(62, 1.6, 1.6, seed=76)
    return print_


_ALL = (bridge, cutter, ferry, lanterns, lighthouse, market_hall, meadow, tide_gauge, trees)
PICTURES: dict[str, Callable[[], Print]] = {draw.__name__.replace("_", "-"): draw for draw in _ALL}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, draw in PICTURES.items():
        draw().save(name)
