#!/usr/bin/env python3
"""Draws the application's icons from public/favicon.svg into public/icons.

    python3 scripts/make_icons.py

Needs nothing but Python. The results are in the repository; it is run again when the mark changes.
"""

import re
import struct
import zlib
from pathlib import Path

PUBLIC = Path(__file__).resolve().parent.parent / "public"
ICONS = PUBLIC / "icons"

# The mark is drawn on a square of this side; see the viewBox of favicon.svg.
SIDE = 64
CORNER = 10
RING_RADIUS, RING_WIDTH = 26.5, 1.5
GROUND, GOLD = (0x14, 0x36, 0x27), (0xD9, 0xB4, 0x62)
# Looks along each side of a pixel, against jagged edges.
LOOKS = 4
# A system may cut a maskable icon to the circle of 80 % of its width; the ring stays inside it.
MASKABLE_SCALE = 0.8 * SIDE / 2 / (RING_RADIUS + RING_WIDTH)

BADGE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">
  <title>Rapport</title>
  <rect width="64" height="64" rx="10" fill="#143627"/>
  <path fill="#d9b462" fill-rule="evenodd" d="{letter}"/>
  <circle cx="38" cy="26" r="25" fill="#9b2a1c" stroke="#fffdf8" stroke-width="2"/>
  <text x="38" y="{baseline}" fill="#fffdf8" font-family="sans-serif" font-size="{size}" font-weight="700" text-anchor="middle">{text}</text>
</svg>
"""


def letter():
    """The path of the letter, as favicon.svg has it."""
    return re.search(r'<path[^>]* d="([^"]+)"', (PUBLIC / "favicon.svg").read_text())[1]


def outlines(path):
    """The path as polygons. It is made of the commands that occur in the mark: M m h v H l c z."""
    tokens = re.findall(r"[MmhvHlcz]|-?\d*\.?\d+", path)
    polygons, points, at, here, command = [], [], 0, (0.0, 0.0), ""

    def number():
        nonlocal at
        at += 1
        return float(tokens[at - 1])

    while at < len(tokens):
        if tokens[at].isalpha():
            command = tokens[at]
            at += 1
        x, y = here
        if command == "z":
            polygons.append(points)
            here, points = points[0], []
            continue
        if command in "Mm":
            dx, dy = number(), number()
            here = (dx, dy) if command == "M" else (x + dx, y + dy)
            command = "L" if command == "M" else "l"
        elif command == "h":
            here = (x + number(), y)
        elif command == "H":
            here = (number(), y)
        elif command == "v":
            here = (x, y + number())
        elif command == "l":
            here = (x + number(), y + number())
        elif command == "c":
            one, two, end = [(x + number(), y + number()) for _ in range(3)]
            for step in range(1, 17):
                t = step / 16
                weights = ((1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3)
                corners = ((x, y), one, two, end)
                points.append(tuple(sum(w * corner[i] for w, corner in zip(weights, corners)) for i in (0, 1)))
            here = end
            continue
        else:
            raise ValueError(f"the mark has a command that is not drawn here: {command}")
        points.append(here)
    return polygons


def spans(polygons, y):
    """Where the row at y lies inside, by the even-odd rule: pairs of x."""
    crossings = []
    for points in polygons:
        for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1]):
            if (y1 <= y) != (y2 <= y):
                crossings.append(x1 + (y - y1) / (y2 - y1) * (x2 - x1))
    crossings.sort()
    return list(zip(crossings[::2], crossings[1::2]))


def draw(pixels, corner, scale):
    """An icon of pixels by pixels, as rows of RGBA. The mark is scaled about the middle; the ground is not."""
    polygons = outlines(letter())
    middle = SIDE / 2

    def on_ground(x, y):
        dx = max(corner - x, x - (SIDE - corner), 0)
        dy = max(corner - y, y - (SIDE - corner), 0)
        return dx * dx + dy * dy <= corner * corner

    inner, outer = (RING_RADIUS - RING_WIDTH / 2) ** 2, (RING_RADIUS + RING_WIDTH / 2) ** 2
    rows = []
    for row in range(pixels):
        ground, gold = [0] * pixels, [0] * pixels
        for look in range(LOOKS):
            y = (row + (look + 0.5) / LOOKS) * SIDE / pixels
            mark_y = (y - middle) / scale + middle
            inside = spans(polygons, mark_y)
            for step in range(pixels * LOOKS):
                x = (step + 0.5) / LOOKS * SIDE / pixels
                if not on_ground(x, y):
                    continue
                ground[step // LOOKS] += 1
                mark_x = (x - middle) / scale + middle
                away = (mark_x - middle) ** 2 + (mark_y - middle) ** 2
                if inner <= away <= outer or any(left <= mark_x < right for left, right in inside):
                    gold[step // LOOKS] += 1
        line = bytearray()
        for covered, marked in zip(ground, gold):
            share = marked / covered if covered else 0
            line += bytes(round(g + (m - g) * share) for g, m in zip(GROUND, GOLD))
            line.append(round(255 * covered / LOOKS**2))
        rows.append(bytes(line))
    return rows


def png(rows):
    """The rows as a PNG file (RFC 2083)."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    width, height = len(rows[0]) // 4, len(rows)
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def main():
    ICONS.mkdir(exist_ok=True)
    for name, pixels, corner, scale in [
        ("icon-192", 192, CORNER, 1),
        ("icon-512", 512, CORNER, 1),
        ("icon-180", 180, 0, 1),
        ("maskable-192", 192, 0, MASKABLE_SCALE),
        ("maskable-512", 512, 0, MASKABLE_SCALE),
    ]:
        (ICONS / f"{name}.png").write_bytes(png(draw(pixels, corner, scale)))
    for name, text in [(str(count), str(count)) for count in range(1, 10)] + [("more", "9+")]:
        size, baseline = (42, 41) if len(text) == 1 else (29, 36)
        badge = BADGE.format(letter=letter(), text=text, size=size, baseline=baseline)
        (ICONS / f"badge-{name}.svg").write_text(badge)


if __name__ == "__main__":
    main()
