"""How a body is laid out so that SQLite can erase it.

A table's row keeps its first bytes in the tree, and what is more in pages of its own. Trees copy rows when they
rebalance and leave the copies in slack space that ``secure_delete`` does not reach; pages of their own are zeroed
when they are freed. A row of exactly MIN_LOCAL bytes and whole pages keeps MIN_LOCAL bytes in the tree
(sqlite.org/fileformat2.html, section 1.6). Here those are padding, and so is what fills the last page.
"""

from collections.abc import Sequence

PAGE_SIZE = 4096

_OVERFLOW = PAGE_SIZE - 4
_MIN_LOCAL = (PAGE_SIZE - 12) * 32 // 255 - 23
_PAD = 512
_LENGTH_BYTES = 4
_BEFORE_BODY = _PAD + _LENGTH_BYTES


def pad(body: bytes, texts: Sequence[str] = ()) -> bytes:
    """The payload to be kept as a row's last column; ``texts`` are the columns between the row's number and it."""
    sizes = [len(text.encode()) for text in texts]
    # The row begins with the length of its header and the type of its number, a byte each, and each text's type.
    before = 2 + sum(size + _type_size(2 * size + 13) for size in sizes)
    pages = -(-(before + _BEFORE_BODY + len(body) - _MIN_LOCAL) // _OVERFLOW)
    while True:
        room = _MIN_LOCAL + pages * _OVERFLOW - before
        size = room - _type_size(2 * room + 12)
        if size >= _BEFORE_BODY + len(body):
            return bytes(_PAD) + len(body).to_bytes(_LENGTH_BYTES) + body + bytes(size - _BEFORE_BODY - len(body))
        pages += 1


def unpad(payload: bytes) -> bytes:
    """The body in a payload that pad made."""
    return payload[_BEFORE_BODY : _BEFORE_BODY + int.from_bytes(payload[_PAD:_BEFORE_BODY])]


def _type_size(serial_type: int) -> int:
    """How many bytes a column's type takes: seven bits each."""
    return -(-serial_type.bit_length() // 7)
