"""Making parts of a picture unrecognisable for good."""

from PIL import Image, ImageFilter

from server.domain.pictures import Mark, box

_CELLS = 6
"""Cells along the longer side: what is left of a face are some 36 colours."""


def blurred(picture: Image.Image, marks: list[Mark]) -> Image.Image:
    """The picture whose marked parts are averaged to a few cells each, then blurred. The averaging
    destroys; the blurring is for the eye."""
    for mark in marks:
        left, top, right, bottom = box(mark, *picture.size)
        part = picture.crop((left, top, right, bottom))
        cell = max(part.size) / _CELLS
        few = (max(1, round(part.width / cell)), max(1, round(part.height / cell)))
        coarse = part.resize(few, Image.Resampling.BOX).resize(part.size, Image.Resampling.NEAREST)
        picture.paste(coarse.filter(ImageFilter.GaussianBlur(cell / 2)), (left, top))
    return picture
