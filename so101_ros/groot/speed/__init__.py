"""Answers of GR00T N1.5 without the gaps between its thousands of kernels.

The stock network spends most of a call on launching kernels. Here the same modules run as one CUDA
graph with identical numbers, or as compiled code with everything hoisted that does not depend on
the observation. Whatever goes wrong, the stock network still answers.

Only :mod:`so101_ros.groot.speed.optimize` may be imported without torch; nothing here imports
``gr00t``: networks are taken as they are, by the names of their modules.
"""
