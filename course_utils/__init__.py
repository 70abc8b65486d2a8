"""Helpers of the book *Unrolled*: data, figures, diagrams, checks, sliders, the memory ruler, grading.

What a reader came to learn stands in the notebooks. What would distract stands here, one job a module:

``data``      real series, texts, pictures and words, each with its source, licence, unit and shape
``figures``   one style for every plot, stored as small, repeatable SVG
``palette``   the colours and what each of them always means
``diagrams``  networks drawn from a small grammar
``cells``     the inside of one recurrent cell, drawn from another
``wirings``   stacks of layers with skips, drawn from the same grammar
``sliders``   a figure that moves: live with a kernel, still moving without one
``tables``    score tables
``checks``    equality with names, numerical gradients, weights copied into torch layers
``ruler``     the one memory task that measures every model of the book
``timings``   how long one way takes beside another: ratios, kept in a table with their machine
``seeds``     scores of one training from other first weights, kept in a table
``training``  what a chapter does around a training loop, and does not teach
``grading``   the exercises' checks
"""

__version__ = "0.1.0"
