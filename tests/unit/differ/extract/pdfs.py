"""Writes small PDF files (ISO 32000-1) for tests."""

from collections.abc import Sequence

HEIGHT = 842

Line = tuple[int, int, str]
"""Points from the top of the page, font size, words."""


def pdf(pages: Sequence[Sequence[Line]], *, trailer: str = "") -> bytes:
    """A PDF of A4 pages in Helvetica; words must be ASCII without brackets."""
    kids = " ".join(f"{4 + 2 * index} 0 R" for index in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for index, page in enumerate(pages):
        shown = "\n".join(f"BT /F1 {size} Tf 50 {HEIGHT - top} Td ({words}) Tj ET" for top, size, words in page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 {HEIGHT}] /Contents {5 + 2 * index} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        objects.append(f"<< /Length {len(shown)} >>\nstream\n{shown}\nendstream")
    out = "%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\n"
    return f"{out}{end}startxref\n{len(out)}\n%%EOF\n".encode("ascii")


def encrypted_pdf() -> bytes:
    """A PDF whose password nobody knows."""
    key = "00" * 32
    encrypt = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{key}> /U <{key}> /P -4 >> /ID [<{key}> <{key}>]"
    return pdf([[(100, 12, "Secret")]], trailer=encrypt)
