"""The book's colours and what each of them always means, for a light page and for a dark one.

Figures are drawn and stored in the light colours. A dark page exchanges them, string for string, for the
dark ones: so a figure may use these colours and no others, and every colour of a page appears once.
The line colours differ in hue *and* lightness, and each has a contrast of at least 4.5 : 1 on its page.
"""

LIGHT: dict[str, str] = {
    "surface": "#ffffff",  # the page
    "panel": "#f2f4f7",  # a quiet area on the page
    "grid": "#d5dae1",  # grid lines, unused parts
    "muted": "#5a6572",  # axis labels, notes
    "ink": "#1b232d",  # text, measured data
    "input": "#0b66a8",  # x: what goes in
    "hidden": "#04785b",  # h: the hidden state
    "cell": "#9c3f80",  # c: the LSTM's cell state
    "output": "#c04a00",  # y: what comes out
    "gradient": "#8a6100",  # what flows back
    "baseline": "#6c7680",  # the plain method beside the network
    "input_fill": "#d8e9f6",
    "hidden_fill": "#d3eee4",
    "cell_fill": "#f2dcea",
    "output_fill": "#fbe2d2",
    "gradient_fill": "#f6e8c8",
}

DARK: dict[str, str] = {
    "surface": "#14181e",
    "panel": "#1e242c",
    "grid": "#3b444f",
    "muted": "#a4aeba",
    "ink": "#e7eaee",
    "input": "#62b3ef",
    "hidden": "#43c79f",
    "cell": "#e292c6",
    "output": "#ff9558",
    "gradient": "#e3b650",
    "baseline": "#949fab",
    "input_fill": "#173a56",
    "hidden_fill": "#124234",
    "cell_fill": "#4a2540",
    "output_fill": "#54290f",
    "gradient_fill": "#46360f",
}


def darken(svg: str) -> str:
    """Return the drawing with every light colour exchanged for its dark twin."""
    for role, colour in LIGHT.items():
        svg = svg.replace(colour, DARK[role])
    return svg
