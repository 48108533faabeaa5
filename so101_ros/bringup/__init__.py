"""Turn settings into running nodes: arguments, parameter files and child processes.

Core: nothing here imports ROS. The node set itself is described in :mod:`so101_ros.graph`.
"""
