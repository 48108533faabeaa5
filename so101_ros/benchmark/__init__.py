"""Speed measurements, one file each; every ratio compares two things measured in the same run."""
