"""What the lessons import. Nothing is loaded until a lesson asks for it."""
