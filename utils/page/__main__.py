"""python -m utils.page my_project/model.keras my_project/page"""

import argparse
import sys

from utils import device
from utils.page import export_page
from utils.project import load_model


def main():
    parser = argparse.ArgumentParser(
        prog="python -m utils.page",
        description="Make a page for the browser from a trained digit reader.",
    )
    add = parser.add_argument
    add("model", help="the saved model, such as my_project/model.keras")
    add("folder", help="where the page goes, such as my_project/page")
    add("--title", default="My digit reader")
    add("--author", help="who made it")
    add("--accuracy", type=float, help="on test images, such as 0.9912")
    add("--largest", type=int, default=1, help="largest pixel in training: 1 or 255")
    options = vars(parser.parse_args())
    try:
        with device.quiet():
            model = load_model(options.pop("model"))
        path = export_page(model, **options)
    except (ValueError, OSError) as error:
        sys.exit(f"No page was made: {error}")
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB. Open it in a browser.")


if __name__ == "__main__":
    main()
