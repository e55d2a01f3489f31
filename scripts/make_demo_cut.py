#!/usr/bin/env python3
"""Cuts the demo house's bookings out of a full export of the property management system.

    make_demo_cut.py EXPORT OUTPUT [--today 2026-11-23] [--rows 1200]

Rows are copied as they are. A booking comes with all others that share its e-mail address or
membership number, directly or through a third, so that the guests' histories are whole. Taken are,
in this order and until there are enough rows:

1. whoever matters today: in house, arriving or leaving; and returning guests who left yesterday;
2. all guests whose name is also given in another script than Latin;
3. arrivals of the coming days, nearest first;
4. guests with many stays, allergies or a VIP level.

The same export gives the same cut.
"""

import argparse
import csv
import sys
from collections import defaultdict
from datetime import date, timedelta


def histories(rows):
    """Groups the rows of one person or family: the same e-mail address or membership number."""
    parent = list(range(len(rows)))

    def root(row):
        while parent[row] != row:
            parent[row] = parent[parent[row]]
            row = parent[row]
        return row

    first_with = {}
    for index, row in enumerate(rows):
        for key in (("email", row["email"].strip().lower()), ("membership", row["membership_no"].strip())):
            if key[1]:
                parent[root(index)] = root(first_with.setdefault(key, index))
    groups = defaultdict(list)
    for index in range(len(rows)):
        groups[root(index)].append(index)
    return {index: group for group in groups.values() for index in group}


def matters_today(row, today):
    """Whether the desk has to do with the booking today."""
    return row["status"] == "CHECKED IN" or (row["status"] == "RESERVED" and row["arrival"] == today)


def interest(rows, group):
    """How much there is to show about a guest."""
    stays = sum(rows[index]["status"] == "CHECKED OUT" for index in group)
    allergies = any(rows[index]["allergies"] for index in group)
    vip = max(int(rows[index]["vip_code"].strip("V") or 0) for index in group)
    return 2 * min(stays, 5) + 3 * allergies + 2 * vip


def choose(rows, today, wanted):
    """The indices of the rows to take, in the order of the export."""
    group_of = histories(rows)
    day = date.fromisoformat(today)

    def on(offset):
        return (day + timedelta(days=offset)).isoformat()

    def coming(index):
        return rows[index]["arrival"]

    everyone = range(len(rows))
    queue = [index for index in everyone if matters_today(rows[index], today)]
    queue += [
        index
        for index in everyone
        if rows[index]["departure"] == on(-1) and rows[index]["status"] == "CHECKED OUT" and len(group_of[index]) > 1
    ]
    queue += [index for index in everyone if rows[index]["native_name"]]
    must = len(queue)
    queue += sorted(
        (i for i in everyone if rows[i]["status"] == "RESERVED" and on(1) <= rows[i]["arrival"] <= on(7)), key=coming
    )
    queue += sorted(everyone, key=lambda index: (-interest(rows, group_of[index]), index))

    taken = set()
    for place, index in enumerate(queue):
        if place >= must and len(taken) >= wanted:
            break
        taken.update(group_of[index])
    return sorted(taken)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export", help="the full export, CSV in UTF-8")
    parser.add_argument("output", help="where the cut is written")
    parser.add_argument("--today", default="2026-11-23", help="the day that the demo house begins on")
    parser.add_argument("--rows", type=int, default=1200, help="about how many rows")
    arguments = parser.parse_args()

    with open(arguments.export, newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        columns = reader.fieldnames
    chosen = choose(rows, arguments.today, arguments.rows)
    with open(arguments.output, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows[index] for index in chosen)

    today = arguments.today
    cut = [rows[index] for index in chosen]
    print(
        f"{len(cut)} rows of {len(rows)}; on {today}:",
        f"{sum(r['status'] == 'RESERVED' and r['arrival'] == today for r in cut)} arrivals,",
        f"{sum(r['status'] == 'CHECKED IN' for r in cut)} in house,",
        f"{sum(r['status'] == 'CHECKED IN' and r['departure'] == today for r in cut)} due out",
        file=sys.stderr,
    )


if __name__ == "__main__":
    main()
