"""``python -m so101_ros.cli`` is ``so101``."""

from so101_ros.cli.main import main

if __name__ == "__main__":
    main()
