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
    parser.add_argument("model", help="the saved model, my_project/model.keras say")
    parser.add_argument("folder", help="where the page goes, my_project/page say")
    options = parser.parse_args()
    try:
        with device.quiet():
            model = load_model(options.model)
        path = export_page(model, options.folder)
    except (ValueError, OSError) as error:
        sys.exit(f"No page was made: {error}")
    print(f"{path}  {path.stat().st_size / 1e6:.1f} MB. Open it in a browser.")


if __name__ == "__main__":
    main()
