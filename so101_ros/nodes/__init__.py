"""ROS 2 at the edge: the only package that imports ``rclpy`` or message types.

A node declares parameters, builds a core object, then subscribes, converts, calls, converts and
publishes. Conversions are in :mod:`.convert`, quality of service in :mod:`.qos`, start and shutdown
in :mod:`.runtime`. Whatever decides anything about a robot lives in the core.
"""
