#!/usr/bin/env python3
"""Reads letters as a stranger does: with Python's own parser of e-mail, and dkimpy for their signatures.

    scripts/read_letters.py FOLDER RECORD

FOLDER has the letters, one file (.eml) each; RECORD is a file with the text that stands in the DNS under
SELECTOR._domainkey.DOMAIN. Prints what was read as JSON, a list with an object for each letter, or says what
is wrong with which letter and ends with status 1.
"""

import json
import re
import sys
from email import message_from_bytes, policy
from pathlib import Path

import dkim

ONCE = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "DKIM-Signature",
]
# RFC 8058, 4: both must be signed.
SIGNED = {"from", "to", "subject", "date", "message-id", "list-unsubscribe", "list-unsubscribe-post"}


class Wrong(Exception):
    """Something that a reader stumbles over."""


def expect(holds, what):
    if not holds:
        raise Wrong(what)


def check_signature(raw, letter, record):
    tags = dict(
        tag.strip().split("=", 1) for tag in re.sub(r"\s+", "", letter["DKIM-Signature"]).strip(";").split(";")
    )
    signed = set(tags["h"].lower().split(":"))
    expect(SIGNED <= signed, f"not signed: {', '.join(sorted(SIGNED - signed))}")
    name = f"{tags['s']}._domainkey.{tags['d']}."

    def look_up(asked, timeout=5):
        return record if asked.decode() == name else None

    expect(dkim.verify(raw, dnsfunc=look_up), "the signature does not fit")


def read(path, record):
    raw = path.read_bytes()
    letter = message_from_bytes(raw, policy=policy.default)
    for part in letter.walk():
        expect(not part.defects, f"defects: {part.defects}")
        for header in part.values():
            expect(not getattr(header, "defects", ()), f"defects: {header!r} {header.defects}")
    for name in ONCE:
        expect(len(letter.get_all(name, [])) == 1, f"{name} stands there {len(letter.get_all(name, []))} times")
    for name in ("Bcc", "Cc", "Reply-To"):
        expect(name not in letter, f"{name} stands there")
    expect(all(len(line) <= 998 for line in raw.split(b"\r\n")), "a line is longer than RFC 5322 allows")
    expect(b"\n" not in raw.replace(b"\r\n", b""), "a line ends without CR")
    expect(letter.get_content_type() == "multipart/alternative", letter.get_content_type())
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    expect(kinds == ["text/plain", "text/html"], f"parts: {kinds}")
    expect(len(letter["To"].addresses) == 1, f"To: {letter['To']}")
    expect(letter["Auto-Submitted"] == "auto-generated", letter["Auto-Submitted"])
    expect(letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click", letter["List-Unsubscribe-Post"])
    # As it stands there: nothing decodes the words of this header.
    written = message_from_bytes(raw, policy=policy.compat32)["List-Unsubscribe"]
    link = re.fullmatch(r"<(https://[^<>\s]+)>", written.strip())
    expect(link, f"List-Unsubscribe: {written}")
    check_signature(raw, letter, record)
    plain, html = (part.get_content() for part in letter.iter_parts())
    return {
        "message_id": str(letter["Message-ID"]).strip(),
        "from": letter["From"].addresses[0].addr_spec,
        "to": letter["To"].addresses[0].addr_spec,
        "subject": str(letter["Subject"]),
        "unsubscribe": link.group(1),
        "text": plain,
        "html": html,
    }


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, record = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes().strip()
    letters = []
    for path in sorted(folder.glob("*.eml")):
        try:
            letters.append(read(path, record))
        except Wrong as wrong:
            sys.exit(f"{path.name}: {wrong}")
    json.dump(letters, sys.stdout)


if __name__ == "__main__":
    main()
