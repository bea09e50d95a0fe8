"""The figures of the lessons, one function each; every one returns a Picture.

A function with the decorator `picture` in one of these files is here under its name:
plotting.neuron is in lesson3.py.
"""

from utils.plotting import lesson1, lesson2, lesson3, lesson4, lesson5, lesson6, lesson7
from utils.plotting import shared as shared
from utils.plotting.base import FIGURES, Picture, picture
from utils.plotting.lesson1 import Timeline as timeline

globals().update(FIGURES)
