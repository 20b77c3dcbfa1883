"""The pictures of the market, drawn by code: SVG templates in a colour → pixels → WebP, and some of them as clips.

Reading order: `tones.py` (a colour and its shades), `shapes.py` (templates), `wardrobe.py` (which drawing a listing
gets), `views.py` (front, detail, scene), `posters.py`, `avatars.py`, `raster.py` (SVG → WebP), `clips.py` (MP4 and
WebVTT), `studio.py` (all of it into a folder, nothing twice).
"""
