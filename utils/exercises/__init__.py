"""The exercises of the lessons: from utils.exercises import lesson4 as ex."""
