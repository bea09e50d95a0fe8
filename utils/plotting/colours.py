"""The one palette, for every figure.

Okabe & Ito's: told apart with any kind of colour vision; black, blue, green and orange
in grey, too.
"""

BLACK, GREY, PALE = "#222222", "#767676", "#D9D9D9"
BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
SKY, YELLOW, PINK = "#56B4E9", "#E69F00", "#CC79A7"

INK = "gray_r"  # colour map for pixels and activations: 0 is white
SIGNED = "PuOr_r"  # colour map for weights: 0 is white, orange above, purple below
