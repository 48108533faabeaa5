"""A file is the old one or the new one, never half of it."""

from pathlib import Path

import pytest

from so101_ros.output_files import whole_file


def test_the_new_content_takes_the_place_of_the_old(tmp_path: Path) -> None:
    """At the end of the block and not before; nothing else stays in the folder."""
    path = tmp_path / "figures.json"
    path.write_bytes(b"before")
    with whole_file(path) as stream:
        stream.write(b"after")
        assert path.read_bytes() == b"before"
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]


def test_what_fails_on_the_way_leaves_the_old_file(tmp_path: Path) -> None:
    """Whatever is raised, and it is not swallowed."""
    path = tmp_path / "figures.json"
    path.write_bytes(b"before")
    with pytest.raises(KeyboardInterrupt), whole_file(path) as stream:
        stream.write(b"half")
        raise KeyboardInterrupt
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]
