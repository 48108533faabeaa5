"""Simulation and reality behind one ROS 2 graph for the SO-101 arm.

Import rule: everything in this package except :mod:`so101_ros.nodes` is the core. The core imports
numpy, MuJoCo and OpenCV, never ``rclpy`` or a message package, so that it runs and is tested without
ROS. Only :mod:`so101_ros.nodes` talks to ROS.
"""

__version__ = "0.1.0"
