"""Records of a running graph: bags and videos, written and read without ROS."""
