"""Make simulated images look like real photos, and measure how far apart they are.

Core: numpy and OpenCV, no ROS and no learning framework. A filter is named by one text everywhere,
see :mod:`so101_ros.adaptation.filter_text`.
"""
