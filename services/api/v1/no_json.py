"""What of a request's body is no JSON, said to people: what is wrong with it, and where."""

import json

_SAID = {
    "Expecting value": "a value should stand here",
    "Expecting property name enclosed in double quotes": "the name of a field, in double quotes, should stand here",
    "Expecting ':' delimiter": "a colon should stand here, between a field's name and its value",
    "Expecting ',' delimiter": "a comma, or the end of the list or object, should stand here",
    "Extra data": "the JSON ended before this, and nothing may follow it",
    "Unterminated string starting at": "the string that begins here has no closing double quote",
    "Invalid control character at": "a line break or control character must be escaped in a string",
    "Invalid \\escape": "a backslash is followed by what it cannot escape",
    "Invalid \\uXXXX escape": "\\u takes four hexadecimal digits",
    "Illegal trailing comma before end of object": "no comma may stand before the end of an object",
    "Illegal trailing comma before end of array": "no comma may stand before the end of a list",
}
"""What the standard library's parser finds, in plain words."""


def why_no_json(error: BaseException | None) -> str:
    """Why a body could not be read as JSON, given what its parser raised; lines and columns count from 1."""
    match error:
        case json.JSONDecodeError():
            why = _SAID.get(error.msg.strip(), "it cannot be read from here")
            return f"this is no JSON: at line {error.lineno}, column {error.colno}, {why}"
        case UnicodeDecodeError():
            return f"this is no JSON: byte {error.start + 1} is not {error.encoding.upper()}"
        case RecursionError():
            return "lists and objects stand in one another more deeply than we read"
        case _:
            return "this is no JSON that we can read"
