"""Noughts and crosses, for a search: boards, moves, the tree of all games.

A board is a text of nine characters, "X", "O" or " ", row by row. X begins.
"""

from collections import Counter
from functools import cache

LINES = ["012", "345", "678", "036", "147", "258", "048", "246"]


def winner(board):
    """ "X" or "O", whoever has three in a row; else None."""
    for line in LINES:
        marks = {board[int(field)] for field in line}
        if len(marks) == 1 and marks != {" "}:
            return marks.pop()


def x_is_next(board):
    return board.count("X") == board.count("O")


def moves(board):
    """{field: the board after the next player has marked it}; {} at the end."""
    mark = "X" if x_is_next(board) else "O"
    free = [f for f in range(9) if board[f] == " " and not winner(board)]
    return {f: board[:f] + mark + board[f + 1 :] for f in free}


@cache  # a board that is reached in two ways is one list
def tree(board):
    """All that can follow, as lists in lists; an end is 1 (X has won), 0 or -1."""
    if after := moves(board).values():
        return [tree(board) for board in after]
    return {"X": 1, "O": -1, None: 0}[winner(board)]


def ends(board, program, value):
    """Count the ends ("X", "O", "draw") of all games that `program` can come to.

    It plays the mark `program` and takes its best move; its opponent tries all.
    value: (tree, whether X is next) -> what the tree is worth to X.
    """
    after = moves(board).values()
    if not after:
        return Counter([winner(board) or "draw"])
    if x_is_next(board) == (program == "X"):
        best = max if program == "X" else min
        after = [best(after, key=lambda board: value(tree(board), x_is_next(board)))]
    return sum((ends(board, program, value) for board in after), Counter())
