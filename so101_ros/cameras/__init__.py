"""Cameras that are not simulated: what they are shown to be calibrated, and the file that results.

The file is the one that ROS's ``camera_info_manager`` reads; everything here runs without ROS.
"""
