"""Find the sheet and the tape frame in the top camera's image; OpenCV, no learning, no ROS.

``paper_tracker`` is the entrance. An image becomes shares of table, tape and sheet in every pixel
(``table_light``, ``colour_masks``, ``unmixing``). The tape frame, whose place on the table is
known, tells where the camera is (``frame_search``, ``frame_fit``, ``camera_anchor``). The sheet's
edges tell where the sheet is (``sheet_search``, ``sheet_fit``, ``sheet_check``). Whatever is not
certain is no pose.
"""
