"""Addresses that a content delivery network has enciphered against spammers (Cloudflare's `data-cfemail`)."""

from services.differ.core.extract.tree import Node


def reveal_emails(top: Node) -> None:
    """Replace enciphered addresses by what a reader sees; the cipher's key differs at every request."""
    for node in top.walk():
        cipher = node.attrs.get("data-cfemail")
        if cipher and (address := decipher(cipher)):
            node.children[:] = [address]


def decipher(cipher: str) -> str | None:
    """The address in a hexadecimal string whose first byte is XORed to the others, or None where it is none."""
    try:
        key, *rest = bytes.fromhex(cipher)
        address = bytes(byte ^ key for byte in rest).decode("utf-8")
    except ValueError:
        return None
    return address if "@" in address and address.isprintable() else None
